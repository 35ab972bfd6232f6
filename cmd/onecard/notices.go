package main

import (
	"context"
	"io"

	"onecard/cmd/boot"
)

// runNotices shows what became of messages, from the database that the settings name.
func runNotices(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.OpenFigures(ctx, cfg, func(admin boot.FiguresAdmin) error { return boot.NoticesCommand(ctx, admin, args, out) })
}
