package boot

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"onecard/configs"
	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
)

// CampaignUsage is what `onecard campaign` says to whoever gets it wrong.
const CampaignUsage = `usage:
  onecard campaign list
  onecard campaign show ID
  onecard campaign pause ID --reason CODE
  onecard campaign resume ID
  onecard campaign cancel ID --reason CODE
Campaigns are drafted and approved at the console, by two people; here they are watched and stopped. CODE is one of wrong_people,
wrong_text, complaints, vendor_trouble, other. What is cancelled does not begin again.`

// CampaignAdmin is what the campaign command asks of the product.
type CampaignAdmin interface {
	List(ctx context.Context, by models.Actor, before models.ID, limit int) (list []notice.CampaignView, more bool, err error)
	Show(ctx context.Context, by models.Actor, id models.ID) (notice.CampaignView, error)
	Pause(ctx context.Context, by models.Actor, id models.ID, reason string) (notice.CampaignView, error)
	Resume(ctx context.Context, by models.Actor, id models.ID) (notice.CampaignView, error)
	Cancel(ctx context.Context, by models.Actor, id models.ID, reason string) (notice.CampaignView, error)
}

// OpenCampaigns runs fn on the database that cfg names, without starting anything else.
func OpenCampaigns(ctx context.Context, cfg configs.Config, fn func(CampaignAdmin) error) (err error) {
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	return fn(notice.NewCampaigns(notice.CampaignPorts{Store: a.db.Campaigns(), Staff: a.campaigner, Clock: a.clock}))
}

// CampaignCommand carries out `onecard campaign ...` as the machine's operator. What changes is audited by the use case.
func CampaignCommand(ctx context.Context, admin CampaignAdmin, args []string, out io.Writer) error {
	usage := fmt.Errorf("%w\n%s", ErrUsage, CampaignUsage)
	if len(args) == 1 && args[0] == "list" {
		return listCampaigns(ctx, admin, out)
	}
	if len(args) < 2 {
		return usage
	}
	flags := flag.NewFlagSet("campaign", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	reason := flags.String("reason", "", "")
	if err := flags.Parse(args[2:]); err != nil || flags.NArg() > 0 {
		return usage
	}
	by, id := hotline.Operator(), models.ID(args[1])
	var v notice.CampaignView
	var err error
	switch args[0] {
	case "show":
		v, err = admin.Show(ctx, by, id)
	case "pause":
		v, err = admin.Pause(ctx, by, id, *reason)
	case "resume":
		v, err = admin.Resume(ctx, by, id)
	case "cancel":
		v, err = admin.Cancel(ctx, by, id, *reason)
	default:
		return usage
	}
	if err != nil {
		return explained(err)
	}
	return sayCampaign(v, out)
}

const campaignsShown = 50

func listCampaigns(ctx context.Context, admin CampaignAdmin, out io.Writer) error {
	list, _, err := admin.List(ctx, hotline.Operator(), "", campaignsShown)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CAMPAIGN\tKIND\tSTATE\tPLANNED\tTOLD\tLEFT OUT\tDRAFTED")
	for _, v := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%d\t%s\n", v.ID, v.Kind, v.State, v.Planned, v.Queued, v.Skipped, v.CreatedAt.In(models.Shanghai).Format(time.DateTime))
	}
	return table.Flush()
}

func sayCampaign(v notice.CampaignView, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%s\t%s\t%s\n", v.ID, v.State, v.EndReason)
	fmt.Fprintf(table, "text\t%s\t\n", v.Text)
	fmt.Fprintf(table, "people\tplanned %d, told %d, left out %d\tat most %d a minute\n", v.Planned, v.Queued, v.Skipped, v.PerMinute)
	for _, n := range v.Counts {
		fmt.Fprintf(table, "messages\t%s %s\t%d\n", n.State, n.Reason, n.Count)
	}
	return table.Flush()
}
