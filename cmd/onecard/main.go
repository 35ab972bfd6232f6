// Command onecard is the whole product: one binary, one sub-command for each thing a person does with it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"onecard/cmd/boot"
)

// command is one sub-command. run gets the arguments after its name.
type command struct {
	name, help string
	run        func(ctx context.Context, args []string, out io.Writer) error
}

var commands = []command{
	{"dev", "everything in one process: embedded database, pretend platforms, a demo city", runDev},
	{"serve", "answer requests (API only)", runServe},
	{"work", "sweeps, feeds, messages (workers only)", runWork},
	{"paydays", "read the lines of a batch of payments, behind everything else; work starts it, it ends with its standard input", runPaydays},
	{"migrate", "bring the database's schema up to date [--grant ROLE]", runMigrate},
	{"sandbox", "the pretend platforms and the desk as a server", runSandbox},
	{"demo", "walk the main job over real HTTP and print each step [--json]", runDemo},
	{"staff", "hotline staff: add, list, disable, reset", runStaff},
	{"slip", "slip issue: a one-time binding slip for someone at a window; papers from standard input", runSlip},
	{"policy", "policy settings: list, set KEY VALUE", runPolicy},
	{"audit", "audit verify [--without-copies]: check the seals and name the first break", runAudit},
	{"ingest", "ingest FILE: a batch of payments from a file, with its announcement beside it", runIngest},
	{"compare", "compare payments with the registry's figures and repair what differs [--month MONTH] [--json]", runCompare},
	{"keys", "keys rotate: seal everything under new keys, in the background; keys status: how far", runKeys},
	{"archive", "archive export --to FOLDER: pictures of ended applications; archive confirm --basis DOCUMENT --manifest FILE: what the bureau's archive has", runArchive},
	{"sms", "sms vendor [NAME --reason WORDS]: who carries messages first; sms costs [--from DAY] [--to DAY] [--json]: what they cost", runSMS},
	{"templates", "templates list|file|sync|set: which texts are approved where [--vendor NAME] [--json]", runTemplates},
	{"channels", "channels publish: the menu of official account and life account [--app NAME] [--menu FILE] [--dry-run] [--json]", runChannels},
	{"campaign", "campaign list|show|pause|resume|cancel: reminders to many, watched and stopped", runCampaign},
	{"orders", "orders export|import|sign: work orders as signed files for districts without a log-in", runOrders},
	{"notices", "notices figures [--from DAY] [--to DAY] [--json]: what became of messages, what waits, what they cost", runNotices},
	{"restored", "restored [note|release|drop]: after a restore, what may have been sent waits for a person", runRestored},
	{"jobs", "jobs failed: background jobs that gave up", runJobs},
	{"bench", "measure beside bare baselines: run, batch, beside, lookup, staff, scale, notices [--json]", runBench},
	{"config", "print the settings as they stand, secrets as set or unset", runConfig},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := dispatch(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// dispatch finds the sub-command and turns its error into an exit status: 2 for a command line we do not understand.
func dispatch(ctx context.Context, args []string, out, errs io.Writer) int {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		usage(out)
		return 0
	}
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(errs, "onecard: no command %q\n\n", args[0])
		usage(errs)
		return 2
	}
	err := commands[i].run(ctx, args[1:], out)
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return 0
	case errors.Is(err, boot.ErrUsage):
		fmt.Fprintln(errs, err)
		return 2
	}
	fmt.Fprintf(errs, "onecard %s: %v\n", args[0], err)
	return 1
}

func usage(w io.Writer) {
	var b strings.Builder
	b.WriteString("usage: onecard COMMAND [ARGUMENTS]\n\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "  %-9s %s\n", c.name, c.help)
	}
	b.WriteString("\nSettings come from the file named by ONECARD_CONFIG and from ONECARD_... variables; see docs/configuration.md.\n")
	_, _ = io.WriteString(w, b.String())
}
