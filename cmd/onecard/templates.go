package main

import (
	"context"
	"io"

	"onecard/cmd/boot"
)

// runTemplates shows and changes which texts were filed with which vendor, in the database that the settings name.
func runTemplates(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.OpenTemplates(ctx, cfg, func(admin boot.TemplatesAdmin) error { return boot.TemplatesCommand(ctx, admin, args, out) })
}
