package docs_test

import (
	"fmt"
	"go/ast"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/flow"
	"onecard/models/hotline"
	"onecard/models/knowledge"
	"onecard/models/notice"
	"onecard/models/payment"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

const flowsHead = `# Flows

Generated from the tables in the code; do not edit. A change that is not in a drawing is refused by the code, except where
the drawing belongs to the registry (payments): there an unknown step is held and shown as being processed. A state read
from the database that this version does not know shows as "being processed" too.
`

// machine is one drawing: what it is about, where its table stands, and its states in order.
type machine struct {
	name, about, dir, drawing string
	kind                      string // the Go type of its states
	states                    []string
}

func draw[S ~string, E ~string](m *flow.Machine[S, E], dir, about string) machine {
	out := machine{name: m.Name(), about: about, dir: dir, drawing: m.Mermaid(), kind: reflect.TypeFor[S]().Name()}
	for _, s := range m.States() {
		out.states = append(out.states, string(s))
	}
	return out
}

// machines are the drawings, in the order a citizen meets them.
func machines() []machine {
	return []machine{
		draw(citizen.CheckFlow, "models/citizen", "A real-person check begun with WeChat or Alipay, believed only from their server (R52)."),
		draw(citizen.PhoneChangeFlow, "models/citizen", "A change of the phone that our messages go to: the old number is told, and a day passes before it counts (R61)."),
		draw(citizen.GuardianFlow, "models/citizen", "A guardianship (监护人代办): who acts for a child under 16, proved by the registry's household or the household book (R23). It ends by itself on the 16th birthday."),
		draw(citizen.HelperFlow, "models/citizen", "A family helper (亲属协助) whom an adult named: progress, arrivals that are not sensitive, explanations and a loss, nothing else (R67)."),
		draw(card.ApplicationFlow, "models/card", "A first application (申领). The registry's feed may skip a stage, never go back on the road (R27)."),
		draw(card.ReplacementFlow, "models/card", "A replacement (补换卡): it awaits its fee, unless that is waived (免收), then goes the way of an application. Rejected, withdrawn or lapsed, what was paid goes back by itself (R44, R49)."),
		draw(card.LossFlow, "models/card", "A loss report (挂失). The word 已挂失 is used only in `effective` and `release_requested` (R32–R43)."),
		draw(card.CommandFlow, "models/card", "A command to the registry. The row is the queue: `requested`, `sending` and `unknown` are unfinished."),
		draw(subsidy.Flow, "models/subsidy", "A payment, as the registry announces it: planned 计划, publicised 公示, approved 审批, sent 送银行, credited 到账, returned 退票, reissued 重新发放, recovering and recovered 追回. Only `credited` may be called 到账 (R14, R15)."),
		draw(subsidy.BatchFlow, "models/subsidy", "A batch of payments whose lines come as a whole: it is applied or held whole, and a withdrawal is final. One whose lines come by the feed stays `announced`."),
		draw(subsidy.HeldFlow, "models/subsidy", "A line or batch that is held (暂缓发布) in the one list: one reviewer proposes, another one approves."),
		draw(payment.OrderFlow, "models/payment", "A fee order (工本费缴费单): what is owed for one replacement (R21, R49). Only the provider's signed word pays it (R63)."),
		draw(payment.TradeFlow, "models/payment", "One payer's try to pay a fee order at one provider."),
		draw(payment.RefundFlow, "models/payment", "A fee refund (退付): once for a trade, under a fixed number, followed to its end (R49)."),
		draw(payment.ReceiptFlow, "models/payment", "The fiscal e-receipt (财政电子票据) of a fee that was paid as non-tax revenue."),
		draw(notice.Flow, "models/notice", "A notice's SMS. The notice itself is in the citizen's inbox from the first commit on (R12, R62)."),
		draw(notice.CampaignFlow, "models/notice", "A reminder to many (群发提醒): one person drafts it, another one approves. While it is paused its deliveries are `held` (R62)."),
		draw(hotline.EnquiryFlow, "models/hotline", "A matter that somebody has to answer, and the citizen's face of a work order; the system opens one when a loss stays unconfirmed (R66)."),
		draw(hotline.OrderFlow, "models/hotline", "A work order (工单): the staff's side of an enquiry, with its clock (R65). An extension is a later date, not a state."),
		draw(knowledge.Flow, "models/knowledge", "A version of an article (知识库文章): one editor writes, another publishes; one that is read is taken away by one person (R48)."),
		draw(policy.ProposalFlow, "models/policy", "A proposal about a policy setting: one person proposes, another approves. A stop (紧急停办) holds at once and lapses within a day unless approved."),
		draw(hotline.MisuseFlow, "models/hotline", "A confidential report of misuse (举报): none ends without an answer, which its reporter reads (R68)."),
		draw(hotline.PhoneCheckFlow, "models/hotline", "A check of a caller's phone on file, by a code that she keys in or by a call that the exchange makes (R58)."),
		draw(hotline.CallBackFlow, "models/hotline", "A promised call (回电): due within the hotline's hours, made by whoever takes it, given up when nobody answers."),
	}
}

func TestFlowsAreDrawn(t *testing.T) {
	t.Parallel()
	files := parsed(t, "models")
	var b strings.Builder
	b.WriteString(flowsHead)
	for _, m := range machines() {
		fmt.Fprintf(&b, "\n## %s\n\n%s Table: `%s`.\n\n```mermaid\n%s```\n", m.name, m.about, m.dir, m.drawing)
		meanings := remarks(files, m.dir, m.kind)
		var rows []string
		for _, s := range m.states {
			if meanings[s] != "" {
				rows = append(rows, fmt.Sprintf("| `%s` | %s |\n", s, cell(meanings[s])))
			}
		}
		if len(rows) > 0 {
			b.WriteString("\n| state | meaning |\n| --- | --- |\n" + strings.Join(rows, ""))
		}
	}
	golden(t, "flows.md", b.String())
}

// A machine that nobody drew would be a state table that no reviewer sees.
func TestEveryMachineIsDrawn(t *testing.T) {
	t.Parallel()
	var made []string
	for _, f := range parsed(t, "models") {
		ast.Inspect(f.tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if pkg, isName := ident(sel); ok && isName && pkg == "flow" && sel.Sel.Name == "New" {
				if name, ok := literal(call.Args[0]); ok {
					made = append(made, name)
				}
			}
			return true
		})
	}
	var drawn []string
	for _, m := range machines() {
		drawn = append(drawn, m.name)
	}
	require.ElementsMatch(t, made, drawn)
}

func ident(sel *ast.SelectorExpr) (string, bool) {
	if sel == nil {
		return "", false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	return id.Name, true
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// remarks are the comments beside the constants of one type, by the constant's value.
func remarks(files []file, dir, typeName string) map[string]string {
	out := map[string]string{}
	for _, f := range files {
		if f.dir != dir {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || spec.Comment == nil {
				return true
			}
			kind, ok := spec.Type.(*ast.Ident)
			value, isText := literal(spec.Values[0])
			if ok && isText && kind.Name == typeName {
				out[value] = strings.TrimSpace(spec.Comment.Text())
			}
			return true
		})
	}
	return out
}
