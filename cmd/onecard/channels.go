package main

import (
	"context"
	"fmt"
	"io"

	"onecard/cmd/boot"
)

func runChannels(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return fmt.Errorf("%w\n%s", boot.ErrUsage, boot.ChannelsUsage)
	}
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.OpenChannels(ctx, cfg, func(c boot.Channels) error { return boot.ChannelsCommand(ctx, c, args, out) })
}
