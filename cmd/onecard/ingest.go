package main

import (
	"context"
	"io"
	"os"

	"onecard/cmd/boot"
)

// runIngest takes a batch of payments from a file into the database that the settings name.
func runIngest(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	t := boot.Terminal{Out: out, Err: os.Stderr}
	if info, err := os.Stderr.Stat(); err == nil {
		t.Live = info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	}
	return boot.OpenIntake(ctx, cfg, func(in boot.Intake) error { return boot.IngestCommand(ctx, in, args, t) })
}
