package main

import (
	"context"
	"io"

	"onecard/cmd/boot"
)

// runArchive exports what the archive is to have, or notes what it has.
func runArchive(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.OpenArchive(ctx, cfg, func(keeper boot.Archivist) error { return boot.ArchiveCommand(ctx, keeper, args, out) })
}

// runKeys begins a change of keys, or tells how far it has come.
func runKeys(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.KeysCommand(ctx, cfg, args, out)
}
