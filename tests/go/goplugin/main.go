// A plugin on the real go-plugin, in either contract: hashes the name of the config item it asks its host for, and
// shows what else a host must cope with (large results, cancellation, output on every stream, its own HTTP port).
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	documented "missioncontrol.test/peers/pb/documented"
	released "missioncontrol.test/peers/pb/released"
)

const tokenKey = "x-flanksource-plugin-invocation"

type server struct {
	plugin.NetRPCUnsupportedPlugin
	contract string
	broker   *plugin.GRPCBroker
	host     *grpc.ClientConn
	uiPort   uint32
}

func (s *server) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (interface{}, error) {
	return nil, errors.New("this is a plugin")
}

func (s *server) GRPCServer(broker *plugin.GRPCBroker, g *grpc.Server) error {
	s.broker = broker
	register := unary(s.registerReleased)
	invoke := unary(s.invokeReleased)
	if s.contract == "documented" {
		register, invoke = unary(s.registerDocumented), unary(s.invokeDocumented)
	}
	g.RegisterService(&grpc.ServiceDesc{
		ServiceName: "missioncontrol.plugin.v1.PluginService",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			{MethodName: "RegisterPlugin", Handler: register},
			{MethodName: "Configure", Handler: unary(s.configure)},
			{MethodName: "ListOperations", Handler: unary(s.listOperations)},
			{MethodName: "Invoke", Handler: invoke},
			{MethodName: "Health", Handler: unary(s.health)},
			{MethodName: "Shutdown", Handler: unary(s.shutdown)},
		},
	}, s)
	return nil
}

func unary[In, Out any](f func(context.Context, *In) (*Out, error)) func(any, context.Context, func(any) error, grpc.UnaryServerInterceptor) (any, error) {
	return func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		in := new(In)
		if err := decode(in); err != nil {
			return nil, err
		}
		return f(ctx, in)
	}
}

func operations() []*documented.OperationDef {
	define := func(name, scope string, methods ...string) *documented.OperationDef {
		o := &documented.OperationDef{Name: name, Description: "Does " + name, ResultMime: "application/json", Scope: scope}
		for _, m := range methods {
			o.Http = append(o.Http, &documented.HTTPBinding{Method: m})
		}
		return o
	}
	return []*documented.OperationDef{
		define("sha256", "config", "GET"), define("deadline", "config"), define("big", "config"), define("sleep", "config"),
		define("noise", "config"), define("fail", "config"), define("settings", "config"), define("token", "config"),
	}
}

var tabs = []*documented.TabSpec{{Name: "Hasher", Icon: "lucide:hash", Path: "/", Scope: "config"}}

func (s *server) dial(request *documented.RegisterRequest) error {
	if request.HostBrokerId == 0 {
		return nil
	}
	conn, err := s.broker.Dial(request.HostBrokerId)
	s.host = conn
	return err
}

func (s *server) registerDocumented(_ context.Context, request *documented.RegisterRequest) (*documented.PluginManifest, error) {
	return &documented.PluginManifest{Name: "hasher", Version: "1.0.0", Tabs: tabs, Operations: operations(), UiPort: s.uiPort}, s.dial(request)
}

func (s *server) registerReleased(_ context.Context, request *documented.RegisterRequest) (*released.PluginManifest, error) {
	return &released.PluginManifest{Name: "hasher", Version: "1.0.0", Tabs: tabs, Operations: operations(), UiPort: s.uiPort}, s.dial(request)
}

var settings = map[string]any{}

func (s *server) configure(_ context.Context, in *documented.ConfigureRequest) (*documented.ConfigureResponse, error) {
	settings = in.Settings.AsMap()
	return &documented.ConfigureResponse{Warnings: []string{"hasher takes anything"}}, nil
}

func (s *server) listOperations(context.Context, *documented.Empty) (*documented.OperationList, error) {
	return &documented.OperationList{Operations: operations()}, nil
}

func (s *server) health(context.Context, *documented.Empty) (*documented.HealthStatus, error) {
	return &documented.HealthStatus{Ok: true}, nil
}

func (s *server) shutdown(context.Context, *documented.Empty) (*documented.Empty, error) {
	fmt.Fprintln(os.Stderr, "hasher was asked to shut down")
	return &documented.Empty{}, nil
}

func (s *server) invokeDocumented(ctx context.Context, in *documented.InvokeRequest) (*documented.InvokeResponse, error) {
	return s.invoke(ctx, in.Operation, in.ConfigItemId, in.Deadline)
}

func (s *server) invokeReleased(ctx context.Context, in *released.InvokeRequest) (*documented.InvokeResponse, error) {
	return s.invoke(ctx, in.Operation, in.ConfigItemId, in.Deadline)
}

// The released SDK bounds the handler by the request's deadline; a caller misread as one would be 1970.
func (s *server) invoke(ctx context.Context, operation, item string, deadline *timestamppb.Timestamp) (*documented.InvokeResponse, error) {
	if deadline != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.AsTime())
		defer cancel()
	}
	token := ""
	if md, ok := metadata.FromIncomingContext(ctx); ok && len(md[tokenKey]) > 0 {
		token = md[tokenKey][0]
	}
	result, err := s.run(metadata.AppendToOutgoingContext(ctx, tokenKey, token), operation, item, deadline, token)
	if err != nil {
		return &documented.InvokeResponse{ErrorCode: "HANDLER_ERROR", ErrorMessage: err.Error()}, nil
	}
	body, err := json.Marshal(result)
	return &documented.InvokeResponse{Result: body, Mime: "application/json"}, err
}

func (s *server) run(ctx context.Context, operation, item string, deadline *timestamppb.Timestamp, token string) (any, error) {
	switch operation {
	case "sha256":
		found := &documented.ConfigItem{}
		if err := s.host.Invoke(ctx, "/missioncontrol.plugin.v1.HostService/GetConfigItem", &documented.GetConfigItemRequest{Id: item}, found); err != nil {
			return nil, err
		}
		sum := sha256.Sum256([]byte(found.Name))
		return map[string]string{"name": found.Name, "sha256": hex.EncodeToString(sum[:])}, nil
	case "deadline":
		return map[string]any{"seconds": time.Until(deadline.AsTime()).Seconds()}, nil
	case "big":
		return strings.Repeat("x", 60<<20), nil
	case "sleep":
		fmt.Fprintln(os.Stderr, "hasher sleeps")
		<-ctx.Done()
		fmt.Fprintln(os.Stderr, "hasher sleep ended:", ctx.Err())
		return nil, ctx.Err()
	case "noise":
		fmt.Println("hasher on stdout")
		fmt.Fprintln(os.Stderr, "hasher on stderr")
		return nil, nil
	case "settings":
		return settings, nil
	case "token":
		return strings.Count(token, "."), nil
	case "fail":
		return nil, errors.New("the hasher failed")
	}
	return nil, fmt.Errorf("no such operation: %s", operation)
}

func (s *server) serveHTTP() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s.uiPort = uint32(listener.Addr().(*net.TCPAddr).Port)
	mux := http.NewServeMux()
	prefix := "/__mc/ui"
	if s.contract == "documented" {
		prefix = ""
	}
	mux.HandleFunc(prefix+"/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<!doctype html><title>Hasher</title><p>%s at %s", s.contract, r.URL.Path)
	})
	mux.HandleFunc("/__mc/operations/sha256", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{
			"item": r.URL.Query().Get("config_id"), "token": r.Header.Get("X-Flanksource-Plugin-Invocation") != "",
			"cookie": r.Header.Get("Cookie"), "authorization": r.Header.Get("Authorization"),
		})
	})
	go http.Serve(listener, mux)
}

func main() {
	s := &server{contract: os.Getenv("GOPLUGIN_CONTRACT")}
	s.serveHTTP()
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "MISSION_CONTROL_PLUGIN", MagicCookieValue: "mission-control-plugin/v1"},
		Plugins:         plugin.PluginSet{"mission-control": s},
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(options, grpc.MaxRecvMsgSize(64<<20), grpc.MaxSendMsgSize(64<<20))...)
		},
	})
}
