package main

import (
	"context"
	"io"

	"onecard/cmd/boot"
)

// runRestored notes that the database was put back, and decides about the messages that wait for it.
func runRestored(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.OpenRestored(ctx, cfg, func(r boot.RestoreAdmin) error { return boot.RestoredCommand(ctx, r, args, out) })
}
