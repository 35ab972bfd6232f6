package main

import (
	"context"
	"io"

	"onecard/cmd/boot"
)

// runCampaign watches and stops reminders to many, in the database that the settings name.
func runCampaign(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.OpenCampaigns(ctx, cfg, func(admin boot.CampaignAdmin) error { return boot.CampaignCommand(ctx, admin, args, out) })
}
