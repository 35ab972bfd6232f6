package main

import (
	"context"
	"io"

	"onecard/cmd/boot"
)

// runPolicy reads and sets policy in the database that the settings name.
func runPolicy(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.OpenPolicy(ctx, cfg, func(admin boot.PolicyAdmin) error {
		return boot.PolicyCommand(ctx, admin, args, out)
	})
}
