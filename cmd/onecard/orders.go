package main

import (
	"context"
	"io"

	"onecard/cmd/boot"
)

// runOrders takes work orders out for districts without a log-in, and their answers back. Signing needs no settings: a
// district does it on a machine of its own.
func runOrders(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == "sign" {
		return boot.SignAnswers(args[1:], out)
	}
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.OpenOrders(ctx, cfg, func(x boot.OrderExchange) error { return boot.OrdersCommand(ctx, x, args, out) })
}
