package boot

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"onecard/configs"
	"onecard/integrations/orderfile"
	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/policy"
)

// OrdersUsage is what `onecard orders` says to whoever gets it wrong.
const OrdersUsage = `usage:
  onecard orders export --department NAME --district CODE [--after NUMBER] [--out FILE]
  onecard orders import FILE
  onecard orders sign FILE --key-file FILE [--out FILE]
export writes the oldest work orders that wait for a department's district, each line signed with the key of orders.districts; where
more are left it says how many, and the next file begins --after the last number of this one. import takes answers back and says of each line what became of it. sign is for the district: the head of its file and then one answer a
line, {"file","line","order","reason_code","answer"}; it needs neither database nor settings.`

// ErrLinesRefused says that not every line was taken; what was printed names each.
var ErrLinesRefused = errors.New("some lines were not taken")

// orderExchange joins the use cases with the form of the files and the keys.
type orderExchange struct {
	orders *hotline.Orders
	keys   configs.Orders
}

func (x orderExchange) ExportFile(ctx context.Context, by models.Actor, department, district, after string) (hotline.OrderFileMade, error) {
	key := x.keys.Key(department, district)
	if key == nil {
		return hotline.OrderFileMade{}, hotline.ErrNoOrderExchange
	}
	f, err := x.orders.ExportOrders(ctx, by, department, district, after)
	if err != nil {
		return hotline.OrderFileMade{}, err
	}
	var b bytes.Buffer
	err = orderfile.Write(&b, key, f)
	return hotline.OrderFileMade{File: b.Bytes(), Name: fmt.Sprintf("orders-%s-%d.jsonl", f.District, f.Number), Left: f.Left, After: f.After()}, err
}

func (x orderExchange) ImportFile(ctx context.Context, by models.Actor, file []byte) ([]hotline.LineReport, error) {
	f, err := orderfile.Read(bytes.NewReader(file), x.keys.Key)
	if err != nil {
		return nil, hotline.ErrAnswerFile.Because(err)
	}
	return x.orders.ImportAnswers(ctx, by, f)
}

func (x orderExchange) FilePartners(ctx context.Context, by models.Actor) ([]hotline.FilePartner, error) {
	if err := x.orders.MayExchange(ctx, by); err != nil {
		return nil, err
	}
	out := make([]hotline.FilePartner, len(x.keys.Districts))
	for i, d := range x.keys.Districts {
		out[i] = hotline.FilePartner{Department: d.Department, District: d.District}
	}
	return out, nil
}

// OrderExchange is what the orders command asks of the product.
type OrderExchange interface {
	ExportFile(ctx context.Context, by models.Actor, department, district, after string) (hotline.OrderFileMade, error)
	ImportFile(ctx context.Context, by models.Actor, file []byte) ([]hotline.LineReport, error)
}

// OpenOrders runs fn on the database that cfg names, without starting anything else.
func OpenOrders(ctx context.Context, cfg configs.Config, fn func(OrderExchange) error) (err error) {
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	a.Policy = policy.New(a.db.Policies(), a.clock)
	a.db.PlanBy(a.Policy, func() {})
	a.Hotline = hotline.New(hotline.Deps{
		Journal: a.db, Staff: a.db.Staff(), Enquiries: a.db.Enquiries(), WorkOrders: a.db.WorkOrders(), People: a.db.Callers(), Notices: a.db, Clock: a.clock,
	})
	a.joinOrders()
	return fn(orderExchange{a.Orders, cfg.Orders})
}

// OrdersCommand carries out `onecard orders export|import` as the machine's operator.
func OrdersCommand(ctx context.Context, x OrderExchange, args []string, out io.Writer) error {
	usage := fmt.Errorf("%w\n%s", ErrUsage, OrdersUsage)
	if len(args) == 0 {
		return usage
	}
	flags := flag.NewFlagSet("orders", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	department, district, to := flags.String("department", "", ""), flags.String("district", "", ""), flags.String("out", "", "")
	after := flags.String("after", "", "")
	switch args[0] {
	case "export":
		if flags.Parse(args[1:]) != nil || flags.NArg() > 0 || *department == "" || *district == "" {
			return usage
		}
		made, err := x.ExportFile(ctx, hotline.Operator(), *department, *district, *after)
		if err != nil {
			return err
		}
		if err := writeOut(*to, made.File, out); err != nil || made.Left == 0 || *to == "" {
			return err
		}
		_, err = fmt.Fprintf(out, "%d more are left: the next file begins with --after %s\n", made.Left, made.After)
		return err
	case "import":
		if len(args) != 2 || strings.HasPrefix(args[1], "-") {
			return usage
		}
		file, err := os.ReadFile(args[1])
		if err != nil {
			return err
		}
		report, err := x.ImportFile(ctx, hotline.Operator(), file)
		return errors.Join(showLines(report, out), err)
	}
	return usage
}

// SignAnswers carries out `onecard orders sign`, which a district runs on a machine of its own.
func SignAnswers(args []string, out io.Writer) error {
	usage := fmt.Errorf("%w\n%s", ErrUsage, OrdersUsage)
	flags := flag.NewFlagSet("orders sign", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	keyFile, to := flags.String("key-file", "", ""), flags.String("out", "", "")
	if len(args) < 1 || strings.HasPrefix(args[0], "-") || flags.Parse(args[1:]) != nil || flags.NArg() > 0 || *keyFile == "" {
		return usage
	}
	text, err := os.ReadFile(*keyFile)
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	var key configs.Key
	if err := key.UnmarshalText(text); err != nil || !key.IsSet() {
		return errors.New("key file: it holds no key of 32 bytes")
	}
	file, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := orderfile.Sign(bytes.NewReader(file), &b, key.Bytes()); err != nil {
		return err
	}
	return writeOut(*to, b.Bytes(), out)
}

func writeOut(name string, file []byte, out io.Writer) error {
	if name == "" {
		_, err := out.Write(file)
		return err
	}
	return os.WriteFile(name, file, 0o600)
}

func showLines(report []hotline.LineReport, out io.Writer) error {
	refused := 0
	for _, r := range report {
		if r.Verdict != hotline.LineTaken && r.Verdict != hotline.LineRepeated {
			refused++
		}
		if _, err := fmt.Fprintf(out, "%d\t%s\t%s\t%s\n", r.Line, r.Order, r.Verdict, strings.Join(r.Codes, " ")); err != nil {
			return err
		}
	}
	if refused > 0 {
		return fmt.Errorf("%w: %d of %d", ErrLinesRefused, refused, len(report))
	}
	return nil
}
