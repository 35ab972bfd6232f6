package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"

	"onecard/cmd/boot"
	"onecard/configs"
)

// load reads the settings of a production-like process.
func load() (configs.Config, error) { return configs.Load(configs.Default(), "", os.Environ()) }

// loadDev begins with settings that need nothing.
func loadDev() (configs.Config, error) { return configs.Load(configs.Dev(".data"), "", os.Environ()) }

// loadAny is for commands that serve both: ONECARD_MODE=dev begins with dev's settings.
func loadAny() (configs.Config, error) {
	if os.Getenv("ONECARD_MODE") == string(configs.ModeDev) {
		return loadDev()
	}
	return load()
}

func none(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%w: this command takes no arguments", boot.ErrUsage)
	}
	return nil
}

func runDev(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadDev()
	if err = firstOf(none(args), err); err != nil {
		return err
	}
	return boot.Dev(ctx, cfg, out)
}

func runServe(ctx context.Context, args []string, out io.Writer) error {
	return process(ctx, args, boot.Roles{API: true}, out)
}

func runWork(ctx context.Context, args []string, out io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return process(ctx, args, boot.Roles{Work: true}, out, boot.PaydaysBy(func(arguments ...string) *exec.Cmd {
		c := exec.Command(self, append([]string{"paydays"}, arguments...)...) //nolint:gosec,noctx // this program; it ends with its standard input
		if runtime.GOOS == "linux" {
			c.Path = "/proc/self/exe" // this very program, whatever has been laid in its place since
		}
		return c
	}))
}

func process(ctx context.Context, args []string, roles boot.Roles, out io.Writer, opts ...boot.Option) error {
	cfg, err := loadAny()
	if err = firstOf(none(args), err); err != nil {
		return err
	}
	return boot.Process(ctx, cfg, roles, out, opts...)
}

// runPaydays is started by work. Its standard input names the batch and tells it that work is there.
func runPaydays(ctx context.Context, args []string, out io.Writer) error {
	hasten := len(args) == 1 && args[0] == boot.Hasten
	if len(args) > 0 && !hasten {
		return fmt.Errorf("%w: onecard paydays [%s]", boot.ErrUsage, boot.Hasten)
	}
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.ReadPayday(ctx, cfg, hasten, os.Stdin, out)
}

func runMigrate(ctx context.Context, args []string, out io.Writer) error {
	role := ""
	if len(args) == 2 && args[0] == "--grant" {
		role = args[1]
	} else if len(args) > 0 {
		return fmt.Errorf("%w: onecard migrate [--grant ROLE]", boot.ErrUsage)
	}
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.Migrate(ctx, cfg, role, out)
}

func runSandbox(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadDev()
	if err = firstOf(none(args), err); err != nil {
		return err
	}
	return boot.ServeDesk(ctx, cfg, out)
}

func runStaff(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.OpenStaff(ctx, cfg, func(admin boot.StaffAdmin) error { return boot.StaffCommand(ctx, admin, args, out) })
}

func runSlip(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.OpenCitizens(ctx, cfg, func(issuer boot.SlipIssuer) error { return boot.SlipCommand(ctx, issuer, args, os.Stdin, out) })
}

func runAudit(ctx context.Context, args []string, out io.Writer) error {
	withoutCopies := len(args) == 2 && args[1] == "--without-copies"
	if len(args) == 0 || args[0] != "verify" || len(args) > 1 && !withoutCopies {
		return fmt.Errorf("%w: onecard audit verify [--without-copies]", boot.ErrUsage)
	}
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.VerifyAudit(ctx, cfg, withoutCopies, out)
}

func runJobs(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 1 || args[0] != "failed" {
		return fmt.Errorf("%w: onecard jobs failed", boot.ErrUsage)
	}
	cfg, err := loadAny()
	if err != nil {
		return err
	}
	return boot.FailedJobs(ctx, cfg, out)
}

func runConfig(_ context.Context, args []string, out io.Writer) error {
	cfg, err := loadAny()
	if err = firstOf(none(args), err); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, cfg.LogValue())
	return err
}

func runDemo(ctx context.Context, args []string, out io.Writer) error {
	asJSON := len(args) == 1 && args[0] == "--json"
	if len(args) > 0 && !asJSON {
		return fmt.Errorf("%w: onecard demo [--json]", boot.ErrUsage)
	}
	return boot.Demo(ctx, boot.DemoOptions{
		Postgres: os.Getenv("ONECARD_DEMO_POSTGRES"), Redis: os.Getenv("ONECARD_DEMO_REDIS"), JSON: asJSON,
	}, out)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
