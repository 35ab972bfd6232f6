package boot

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"onecard/integrations/oidc"
	"onecard/models"
	"onecard/models/hotline"
)

// StaffUsage is what `onecard staff` says to whoever gets it wrong.
const StaffUsage = `usage:
  onecard staff add LOGIN --name NAME --roles ROLE[,ROLE] [--district CODE] [--department NAME] [--password-file FILE]
  onecard staff list
  onecard staff disable LOGIN
  onecard staff unlock LOGIN
  onecard staff link LOGIN --person REF   (looks at this person and her household are flagged; REF is the registry's reference, "" takes it back)
  onecard staff reset LOGIN [--password-file FILE]
  onecard staff extension LOGIN NUMBER|none
roles: agent, supervisor, reviewer, policy_manager, knowledge_editor, liaison, auditor, administrator
(auditor and administrator are never one person; a liaison needs --department)
The password works once, for the enrolment at the console's log-in page; without --password-file it is made, and shown once.`

// ErrUsage is a command line that asks for nothing we know.
var ErrUsage = errors.New("unknown command line")

// signOn is the bureau's single sign-on; nil where it has none.
func (a *App) signOn() hotline.SignOn {
	if !a.cfg.Staff.SignOn.On() {
		return nil
	}
	return oidc.New(a.cfg.Staff.SignOn, a.cfg.SignOnReturn(), a.clock)
}

// StaffAdmin is what the staff command asks of the hotline.
type StaffAdmin interface {
	AddStaff(ctx context.Context, by models.Actor, in hotline.AddStaffInput) (hotline.Enrolment, error)
	ListStaff(ctx context.Context, by models.Actor) ([]hotline.Staff, error)
	DisableStaff(ctx context.Context, by models.Actor, login string) error
	ResetStaff(ctx context.Context, by models.Actor, login, password string) (hotline.Enrolment, error)
	SetExtension(ctx context.Context, by models.Actor, login, extension string) error
	UnlockStaff(ctx context.Context, by models.Actor, login string) (hotline.Staff, error)
	LinkStaff(ctx context.Context, by models.Actor, login string, ref models.PersonRef) error
}

// StaffCommand carries out `onecard staff ...` as the machine's operator and writes to out what a person must note
// down. Every change is audited by the use case.
func StaffCommand(ctx context.Context, admin StaffAdmin, args []string, out io.Writer) error {
	verb, login, rest := splitStaffArgs(args)
	switch {
	case verb == "list" && login == "" && len(rest) == 0:
		return listStaff(ctx, admin, out)
	case login == "":
	case verb == "add":
		return addStaff(ctx, admin, login, rest, out)
	case verb == "extension" && len(rest) == 1:
		return setExtension(ctx, admin, login, rest[0], out)
	case verb == "reset":
		return resetStaff(ctx, admin, login, rest, out)
	case verb == "unlock" && len(rest) == 0:
		if _, err := admin.UnlockStaff(ctx, hotline.Operator(), login); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "unlocked %s\n", login)
		return err
	case verb == "link" && len(rest) == 2 && rest[0] == "--person":
		if err := admin.LinkStaff(ctx, hotline.Operator(), login, models.PersonRef(rest[1])); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "recorded who %s is; looks at herself and her household are flagged\n", login)
		return err
	case verb == "disable" && len(rest) == 0:
		if err := admin.DisableStaff(ctx, hotline.Operator(), login); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "disabled %s; open sessions have ended\n", login)
		return err
	}
	return fmt.Errorf("%w\n%s", ErrUsage, StaffUsage)
}

// setExtension says whose telephone rings at an extension.
func setExtension(ctx context.Context, admin StaffAdmin, login, extension string, out io.Writer) error {
	number := extension
	if number == "none" {
		number = ""
	}
	if err := admin.SetExtension(ctx, hotline.Operator(), login, number); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s has extension %s\n", login, extension)
	return err
}

// splitStaffArgs takes `verb [login] flags...` apart; a login never begins with a dash.
func splitStaffArgs(args []string) (verb, login string, rest []string) {
	if len(args) > 0 {
		verb, rest = args[0], args[1:]
	}
	if len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		login, rest = rest[0], rest[1:]
	}
	return verb, login, rest
}

func addStaff(ctx context.Context, admin StaffAdmin, login string, args []string, out io.Writer) error {
	in := hotline.AddStaffInput{Login: login}
	flags, file := staffFlags("add")
	roles := flags.String("roles", "agent", "")
	flags.StringVar(&in.Name, "name", "", "")
	flags.StringVar(&in.District, "district", "", "")
	flags.StringVar(&in.Department, "department", "", "")
	var err error
	if in.Password, err = parseStaffFlags(flags, file, args); err != nil {
		return err
	}
	in.Roles = strings.Split(*roles, ",")
	e, err := admin.AddStaff(ctx, hotline.Operator(), in)
	if err != nil {
		return err
	}
	return showEnrolment(e, in.Password == "", out)
}

func resetStaff(ctx context.Context, admin StaffAdmin, login string, args []string, out io.Writer) error {
	flags, file := staffFlags("reset")
	password, err := parseStaffFlags(flags, file, args)
	if err != nil {
		return err
	}
	e, err := admin.ResetStaff(ctx, hotline.Operator(), login, password)
	if err != nil {
		return err
	}
	return showEnrolment(e, password == "", out)
}

func staffFlags(verb string) (flags *flag.FlagSet, passwordFile *string) {
	flags = flag.NewFlagSet("staff "+verb, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags, flags.String("password-file", "", "")
}

// parseStaffFlags reads the password from its file: on the command line every user of the machine could see it.
func parseStaffFlags(flags *flag.FlagSet, file *string, args []string) (password string, err error) {
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return "", fmt.Errorf("%w\n%s", ErrUsage, StaffUsage)
	}
	if *file == "" {
		return "", nil
	}
	text, err := os.ReadFile(*file)
	if err != nil {
		return "", fmt.Errorf("password file: %w", err)
	}
	if password = strings.TrimRight(string(text), "\r\n"); password == "" {
		return "", errors.New("password file: it is empty")
	}
	return password, nil
}

func showEnrolment(e hotline.Enrolment, showPassword bool, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "login\t%s\nroles\t%s\n", e.Staff.Login, roleWords(e.Staff))
	if showPassword {
		fmt.Fprintf(w, "one-time password\t%s\n", e.Password)
	}
	fmt.Fprintf(w, "works until\t%s\n", e.Until.In(models.Shanghai).Format("2006-01-02 15:04"))
	fmt.Fprintln(w, "Shown this once: hand it over in person, then clear the screen. At the first log-in the newcomer chooses a password and")
	fmt.Fprintln(w, "enrols an authenticator program; until then the account opens nothing.")
	return w.Flush()
}

func listStaff(ctx context.Context, admin StaffAdmin, out io.Writer) error {
	all, err := admin.ListStaff(ctx, hotline.Operator())
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LOGIN\tNAME\tROLES\tDISTRICT\tSTATE")
	for _, m := range all {
		state := "active"
		if m.Demo {
			state = "demo"
		}
		if !m.Enrolled() {
			state = "enrolling"
		}
		if !m.DisabledAt.IsZero() {
			state = "disabled " + string(models.DateOf(m.DisabledAt))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.Login, m.Name, roleWords(m), m.District, state)
	}
	return w.Flush()
}

func roleWords(m hotline.Staff) string {
	words := make([]string, len(m.Roles))
	for i, r := range m.Roles {
		words[i] = string(r)
	}
	return strings.Join(words, ",")
}
