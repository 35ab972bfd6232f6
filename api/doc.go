// Package api speaks HTTP: it binds a request, knows who sent it, calls one use case and answers. It decides nothing
// about cards, money or people. gin carries the bytes, huma reads and describes them; neither is seen elsewhere.
//
// Every request walks one line, in this order: request id, recovery, access log, security headers, body limit,
// authentication, rate limit, idempotency, huma (design 5). register.go shows how to add an operation.
package api
