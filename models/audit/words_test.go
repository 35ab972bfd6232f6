package audit_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
)

// notOfOthers are actions of the system, of a person about herself, or about no person: nobody else did them to her.
var notOfOthers = strings.Fields(`
	card.application.reminded card.loss.alarmed card.loss.confirmed card.loss.confirmed_again card.loss.end_warned card.loss.ended card.loss.learnt
	card.loss.refused card.loss.released card.loss.renewal_refused card.loss.undone card.loss.voided card.pictures.expired card.release.expired
	card.release.overtaken card.release.refused card.replacement.reminded
	citizen.challenge.answered citizen.session.ended citizen.session.opened
	hotline.call.opened hotline.flag.raised hotline.flag.settled hotline.export.made hotline.export.refused hotline.sample.drawn hotline.sample.scored hotline.session.ended hotline.session.opened hotline.session.refused
	hotline.audit.searched hotline.call_back.overdue hotline.case.rated hotline.enrolment.begun hotline.password.changed hotline.recovery_code.used
	hotline.recovery_codes.renewed hotline.staff.duties_changed hotline.staff.enrolled hotline.staff.extension hotline.staff.sign_on_linked
	hotline.staff.unlocked hotline.telephone.refused
	hotline.staff.added hotline.staff.disabled hotline.staff.linked hotline.staff.reset
	notice.account.followed notice.account.heard notice.account.unfollowed notice.restore.noted notice.sms.lifted notice.sms.stopped
	notice.subscription.answered notice.subscription.off notice.subscription.told notice.template.changed notice.templates.filed notice.vendor.changed
	payment.bill.compared payment.bill.not_had payment.order.not_owed payment.order.paid payment.order.refunded payment.receipt.moved
	payment.refund.moved payment.refund.requested payment.trade.closed payment.trade.held payment.trade.paid payment.trade.provider_gone
	subsidy.batch.applied subsidy.batch.held subsidy.batch.withdrawn subsidy.figures.compared subsidy.payment.exception_accepted subsidy.payment.held
	subsidy.payment.let_go subsidy.payment.repaired subsidy.payments.moved subsidy.preview.done
`)

var actionForm = regexp.MustCompile(`"((?:card|citizen|hotline|subsidy|payment|notice)\.[a-z_]+\.[a-z_]+)"`)

// TestR57_EveryActionHasWordsForWhomItIsAbout fails for an action that somebody adds and nobody words: a citizen reads in her
// access log who looked and who acted, in words.
func TestR57_EveryActionHasWordsForWhomItIsAbout(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, room := range []string{"card", "citizen", "hotline", "subsidy", "payment", "notice"} {
		require.NoError(t, filepath.WalkDir(filepath.Join("..", room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, m := range actionForm.FindAllStringSubmatch(string(source), -1) {
				found[m[1]] = true
			}
			return err
		}))
	}
	require.Greater(t, len(found), 60, "the rooms were read")
	for action := range found {
		require.True(t, audit.Named(action) || slices.Contains(notOfOthers, action),
			"%s has no words: add them to models/audit/words.go, or say in this test that it is nothing others do about a person", action)
	}
}

func TestR54_AWholeValueIsToldWithItsReason(t *testing.T) {
	t.Parallel()
	e := audit.Entry{ActorKind: models.AgentActor, CallID: "c", Action: "hotline.value.shown", Detail: map[string]string{"field": "id_number", "reason": "check_identity"}}
	require.Equal(t, "12333坐席因核对身份查看了您的证件号码", e.Text())
	e = audit.Entry{ActorKind: models.AgentActor, CallID: "c", Action: "hotline.call.verified", Result: "no_match"}
	require.Equal(t, "12333坐席核对了来电人说的身份信息,核对不一致", e.Text())
	e = audit.Entry{ActorKind: models.CitizenActor, Action: "citizen.helper.revoked"}
	require.Equal(t, "代办人更改了亲属协助", e.Text())
	require.NotEmpty(t, audit.Said("somebody.adds.this"))
}
