package main

import (
	"context"
	"io"

	"onecard/cmd/boot"
)

// runSMS shows and switches the SMS vendor, and adds up what messages cost, in the database that the settings name.
func runSMS(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.OpenSMS(ctx, cfg, func(admin boot.SMSAdmin) error { return boot.SMSCommand(ctx, admin, args, out) })
}
