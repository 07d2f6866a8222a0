// A host on the real go-plugin: launches a plugin binary, registers it in one of the two contracts, invokes operations
// and prints what happened as one JSON object. The tests drive our zipapps with it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	documented "missioncontrol.test/peers/pb/documented"
	released "missioncontrol.test/peers/pb/released"
)

const (
	pluginService = "/missioncontrol.plugin.v1.PluginService/"
	tokenKey      = "x-flanksource-plugin-invocation"
)

type calls []string

func (c *calls) String() string     { return strings.Join(*c, ",") }
func (c *calls) Set(v string) error { *c = append(*c, v); return nil }

type answer struct {
	Operation string          `json:"operation"`
	Mime      string          `json:"mime,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Code      string          `json:"code,omitempty"`
	Error     string          `json:"error,omitempty"`
	Bytes     int             `json:"bytes"`
	Millis    float64         `json:"millis"`
}

type report struct {
	ConnectedMillis  float64           `json:"connectedMillis"`
	RegisteredMillis float64           `json:"registeredMillis"`
	Manifest         json.RawMessage   `json:"manifest"`
	Operations       []string          `json:"operations"`
	Healthy          bool              `json:"healthy"`
	Answers          []answer          `json:"answers"`
	Callbacks        []string          `json:"callbacks"`
	Tokens           map[string]string `json:"tokens"`
	KillMillis       float64           `json:"killMillis"`
	Exited           bool              `json:"exited"`
}

// dispenser hands out the raw connection and the broker: messages are encoded here, by contract.
type dispenser struct{ plugin.NetRPCUnsupportedPlugin }

type peer struct {
	broker *plugin.GRPCBroker
	conn   *grpc.ClientConn
}

func (dispenser) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (dispenser) GRPCClient(_ context.Context, b *plugin.GRPCBroker, c *grpc.ClientConn) (interface{}, error) {
	return &peer{b, c}, nil
}

// hostService answers a plugin's callbacks from the flags.
type hostService struct {
	url, item  string
	kubeconfig string
	workload   string
	seen       *report
}

func (h *hostService) getConfigItem(ctx context.Context, in *documented.GetConfigItemRequest) (*documented.ConfigItem, error) {
	h.note(ctx, "GetConfigItem")
	if in.Id != h.item {
		return nil, status.Errorf(codes.NotFound, "config item %s not found", in.Id)
	}
	if kind, name, is := strings.Cut(h.workload, "/"); is {
		return &documented.ConfigItem{Id: in.Id, Name: name, Type: "Kubernetes::" + kind, Tags: map[string]string{"namespace": "test"}}, nil
	}
	return &documented.ConfigItem{Id: in.Id, Name: "app", Type: "PostgreSQL::Server"}, nil
}

func (h *hostService) getConnection(ctx context.Context, in *documented.GetConnectionRequest) (*documented.ResolvedConnection, error) {
	h.note(ctx, "GetConnection")
	if h.workload != "" {
		kubeconfig, _ := structpb.NewStruct(map[string]any{"kubeconfig": h.kubeconfig})
		return &documented.ResolvedConnection{Type: "kubernetes", Properties: kubeconfig}, nil
	}
	properties, _ := structpb.NewStruct(map[string]any{"type": "postgres"})
	return &documented.ResolvedConnection{Type: "postgres", Url: h.url, Properties: properties}, nil
}

func (h *hostService) note(ctx context.Context, name string) {
	h.seen.Callbacks = append(h.seen.Callbacks, name)
	if md, ok := metadata.FromIncomingContext(ctx); ok && len(md[tokenKey]) > 0 {
		h.seen.Tokens[name] = md[tokenKey][0]
	}
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

func (h *hostService) register(s *grpc.Server) {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "missioncontrol.plugin.v1.HostService",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			{MethodName: "GetConfigItem", Handler: unary(h.getConfigItem)},
			{MethodName: "GetConnection", Handler: unary(h.getConnection)},
		},
	}, h)
}

func main() {
	contract := flag.String("contract", "released", "documented or released")
	item := flag.String("item", "11111111-1111-4111-8111-111111111111", "config item id")
	url := flag.String("url", "", "URL that GetConnection answers")
	workload := flag.String("workload", "", "Kind/name in namespace test: the item instead of a database")
	kubeconfig := flag.String("kubeconfig", "", "what GetConnection answers for a workload")
	autoMTLS := flag.Bool("automtls", false, "ask for AutoMTLS")
	var invocations calls
	flag.Var(&invocations, "invoke", "operation=params JSON (repeatable)")
	flag.Parse()
	if err := run(flag.Arg(0), *contract, hostService{url: *url, item: *item, workload: *workload, kubeconfig: *kubeconfig}, *autoMTLS, invocations); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(binary, contract string, answers hostService, autoMTLS bool, invocations calls) error {
	seen := &report{Tokens: map[string]string{}}
	started := time.Now()
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "MISSION_CONTROL_PLUGIN", MagicCookieValue: "mission-control-plugin/v1"},
		Plugins:          plugin.PluginSet{"mission-control": dispenser{}},
		Cmd:              exec.Command(binary),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         autoMTLS,
		Logger:           hclog.New(&hclog.LoggerOptions{Output: os.Stderr, Level: hclog.Info}),
	})
	defer client.Kill()
	rpc, err := client.Client()
	if err != nil {
		return err
	}
	raw, err := rpc.Dispense("mission-control")
	if err != nil {
		return err
	}
	there := raw.(*peer)
	seen.ConnectedMillis = millis(started)

	id := there.broker.NextId()
	host := &answers
	host.seen = seen
	go there.broker.AcceptAndServe(id, func(options []grpc.ServerOption) *grpc.Server {
		server := grpc.NewServer(options...)
		host.register(server)
		return server
	})
	if err := register(there, contract, id, seen); err != nil {
		return fmt.Errorf("RegisterPlugin: %w", err)
	}
	seen.RegisteredMillis = millis(started)
	if err := inspect(there, seen); err != nil {
		return err
	}
	for _, one := range invocations {
		operation, params, _ := strings.Cut(one, "=")
		done, err := invoke(there, contract, operation, params, host.item)
		if err != nil {
			return fmt.Errorf("Invoke %s: %w", operation, err)
		}
		seen.Answers = append(seen.Answers, done)
	}
	stopping := time.Now()
	client.Kill()
	seen.KillMillis, seen.Exited = millis(stopping), client.Exited()
	return json.NewEncoder(os.Stdout).Encode(seen)
}

func register(there *peer, contract string, broker uint32, seen *report) error {
	request := &documented.RegisterRequest{HostProtocolVersion: 1, HostBrokerId: broker}
	var manifest proto.Message = &released.PluginManifest{}
	if contract == "documented" {
		manifest = &documented.PluginManifest{}
		request.Env = map[string]string{"mission-control/contract": "documented"}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := there.conn.Invoke(ctx, pluginService+"RegisterPlugin", request, manifest); err != nil {
		return err
	}
	text, err := protojson.Marshal(manifest)
	seen.Manifest = text
	return err
}

func inspect(there *peer, seen *report) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	list := &documented.OperationList{}
	if err := there.conn.Invoke(ctx, pluginService+"ListOperations", &documented.Empty{}, list); err != nil {
		return fmt.Errorf("ListOperations: %w", err)
	}
	for _, operation := range list.Operations {
		seen.Operations = append(seen.Operations, operation.Name)
	}
	health := &documented.HealthStatus{}
	if err := there.conn.Invoke(ctx, pluginService+"Health", &documented.Empty{}, health); err != nil {
		return fmt.Errorf("Health: %w", err)
	}
	seen.Healthy = health.Ok
	return nil
}

func invoke(there *peer, contract, operation, params, item string) (answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, tokenKey, "token-of-"+operation)
	deadline := timestamppb.New(time.Now().Add(60 * time.Second))
	var request proto.Message = &released.InvokeRequest{Operation: operation, ParamsJson: []byte(params), ConfigItemId: item, Deadline: deadline}
	if contract == "documented" {
		request = &documented.InvokeRequest{Operation: operation, ParamsJson: []byte(params), ConfigItemId: item, Deadline: deadline,
			Caller: &documented.CallerContext{UserId: "ann", Permissions: []string{"plugin-role:postgres:write", "plugin-role:sample:write"}}}
	}
	response := &documented.InvokeResponse{}
	started := time.Now()
	err := there.conn.Invoke(ctx, pluginService+"Invoke", request, response, grpc.MaxCallRecvMsgSize(1<<31-1))
	if err != nil {
		return answer{}, err
	}
	done := answer{Operation: operation, Mime: response.Mime, Code: response.ErrorCode, Error: response.ErrorMessage, Bytes: len(response.Result), Millis: millis(started)}
	if len(response.Result) < 1<<20 && json.Valid(response.Result) {
		done.Result = response.Result
	}
	return done, nil
}

func millis(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }
