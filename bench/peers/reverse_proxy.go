// The peer of the gateway's bench: Go's own reverse proxy, flushing at once, with fixed headers added to each request.
// usage: reverse_proxy TARGET NAME=VALUE…   (prints its address)
package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
)

func main() {
	target, err := url.Parse(os.Args[1])
	if err != nil {
		panic(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.FlushInterval = -1
	forward := proxy.Director
	proxy.Director = func(request *http.Request) {
		forward(request)
		for _, pair := range os.Args[2:] {
			name, value, _ := strings.Cut(pair, "=")
			request.Header.Set(name, value)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	panic(http.Serve(listener, proxy))
}
