package main

import (
	"context"
	"io"

	"onecard/cmd/boot"
)

// runCompare compares payments with the registry's figures, in the installation that the settings name.
func runCompare(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.OpenComparison(ctx, cfg, func(c boot.Comparer) error { return boot.CompareCommand(ctx, c, args, out) })
}
