package notice

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
)

// fakeDisputes keeps enquiries by their cause.
type fakeDisputes struct {
	byCause map[string]string
	kinds   []string
	audits  []audit.Entry
	fails   error
}

func (f *fakeDisputes) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	return fn(ctx)
}

func (f *fakeDisputes) RecordAudit(_ context.Context, e audit.Entry) error {
	f.audits = append(f.audits, e)
	return f.fails
}

func (f *fakeDisputes) OpenDispute(_ context.Context, cause, kind string, _ models.ID, _, _ string) (string, bool, error) {
	_, known := f.byCause[cause]
	if !known {
		f.byCause[cause] = cause
		f.kinds = append(f.kinds, kind)
	}
	return f.byCause[cause], !known, nil
}

func holder(id models.ID) models.Actor {
	return models.Actor{Kind: models.CitizenActor, ID: id, Subject: id, Level: models.LevelPhone}
}

// told queues a notice to a person and gives its id.
func told(t *testing.T, b *bench, k Kind, person models.ID) models.ID {
	t.Helper()
	d := Draft{Cause: "case:" + string(k), Kind: k, PersonID: person}
	if k == Arrival {
		d.Scope = "luoyang"
	}
	return b.find(b.add(t, d)).Notice.ID
}

func TestNotMeIsOneEnquiryForEachNotice(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	f := &fakeDisputes{byCause: map[string]string{}}
	s.Disputes = f
	wang := models.NewID()
	loss, arrival := told(t, b, LossElsewhere, wang), told(t, b, Arrival, wang)
	for range 3 {
		d, err := s.NotMe(t.Context(), holder(wang), loss)
		require.NoError(t, err)
		require.Equal(t, "not_me:"+string(loss), d.Number)
		require.Equal(t, UndoRelease, d.Undo[0].Act)
	}
	require.Equal(t, []string{"not_me_loss_elsewhere"}, f.kinds)
	require.Len(t, f.audits, 1)
	require.Equal(t, wang, f.audits[0].SubjectID)
	_, err := s.NotMe(t.Context(), holder(wang), arrival)
	require.ErrorIs(t, err, ErrNotDisputable)
	_, err = s.NotMe(t.Context(), holder(models.NewID()), loss)
	require.ErrorIs(t, err, models.ErrNotFound)
	f.fails, f.byCause = errors.New("no audit"), map[string]string{}
	_, err = s.NotMe(t.Context(), holder(wang), loss)
	require.Error(t, err, "no decision without its entry")
}

// R58: what is told holds answers to the questions, so an agent reads it at Full alone, in a call.
func TestR58_AnAgentReadsNoticesAtFullAlone(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	wang := models.NewID()
	loss := told(t, b, LossEffective, wang)
	agent := models.Actor{Kind: models.AgentActor, ID: models.NewID(), CallID: models.NewID(), Subject: wang, Level: models.LevelReal}
	entries, _, err := s.Inbox(t.Context(), agent, "", 10)
	require.NoError(t, err)
	require.Equal(t, loss, entries[0].ID)
	for name, change := range map[string]func(*models.Actor){
		"basic": func(a *models.Actor) { a.Level = models.LevelPhone }, "no call": func(a *models.Actor) { a.CallID = "" },
		"nobody verified": func(a *models.Actor) { a.Subject = "" }, "the system": func(a *models.Actor) { a.Kind = models.SystemActor },
	} {
		other := agent
		change(&other)
		_, _, err := s.Inbox(t.Context(), other, "", 10)
		require.ErrorIs(t, err, models.ErrForbidden, name)
		_, err = s.IsItOurs(t.Context(), other, Asked{Text: "任何内容"})
		require.ErrorIs(t, err, models.ErrForbidden, name)
		_, err = s.NotMe(t.Context(), other, loss)
		require.ErrorIs(t, err, models.ErrForbidden, name)
	}
}

func TestR55_ADoubtedMessageIsComparedWithOnesOwn(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	wang := models.NewID()
	told(t, b, LossEffective, wang)
	_, err := s.Dispatch(t.Context())
	require.NoError(t, err)
	b.rows[0].SubmittedAt = b.clock.Now()
	text := Signed(b.rows[0].Notice.entry().Text)
	for asked, want := range map[string]Verdict{
		text: VerdictOurs, strings.TrimPrefix(text, Signature): VerdictOurs, " " + strings.ReplaceAll(text, "。", ". ") + "\n": VerdictOurs,
		text + "请回复您的密码": VerdictNotFound, "【洛阳人社】您有一笔补贴待领取": VerdictNotFound, text[:len(text)/2]: VerdictNotFound,
	} {
		got, err := s.IsItOurs(t.Context(), holder(wang), Asked{Text: asked})
		require.NoError(t, err)
		require.Equal(t, want, got.Verdict, asked)
		require.Equal(t, want == VerdictOurs, got.Match != nil)
		require.Contains(t, got.Say, "12333")
	}
	for _, k := range []Kind{Code, CodePhoneChange} {
		spec, _ := SpecOf(k)
		got, err := s.IsItOurs(t.Context(), holder(models.NewID()), Asked{Text: Signed(spec.Render(map[string]string{"code": "862413"}))})
		require.NoError(t, err)
		require.Equal(t, VerdictCode, got.Verdict, k)
	}
	got, err := s.IsItOurs(t.Context(), holder(wang), Asked{Day: models.DateOf(b.clock.Now())})
	require.NoError(t, err)
	require.Equal(t, VerdictCompare, got.Verdict)
	require.Len(t, got.SentOn, 1)
	got, err = s.IsItOurs(t.Context(), holder(wang), Asked{Day: "2020-01-01", Text: text})
	require.NoError(t, err)
	require.Equal(t, VerdictOurs, got.Verdict)
	require.Empty(t, got.SentOn)
	for _, empty := range []Asked{{}, {Text: " 【】,。"}, {Text: strings.Repeat("长", AskedMost+1)}} {
		_, err = s.IsItOurs(t.Context(), holder(wang), empty)
		require.Equal(t, models.Invalid, models.KindOf(err))
	}
}

// A text that goes out while a newer one waits for its approval is ours, and so is the older form of a code.
func TestR55_AMessageInAnOlderTextIsOurs(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	wang := models.NewID()
	told(t, b, LossEffective, wang)
	rows := &filingRows{clock: b.clock, rows: []Filing{
		{ID: "1", Vendor: "gone", Template: string(LossEffective), Body: "旧文本:您的社保账户已挂失,参考${gone}。", State: FilingWithdrawn},
		{ID: "2", Vendor: "first", Template: string(Code), Body: "旧文本:验证码${code},勿告诉他人。", State: FilingApproved},
		{ID: "3", Vendor: PlaceOf(WechatMini, "wx1"), Template: string(LossEffective), Body: "平台文本", State: FilingApproved},
	}}
	asked := func(text string) Verdict {
		got, err := s.IsItOurs(t.Context(), holder(wang), Asked{Text: text})
		require.NoError(t, err)
		if got.Match != nil {
			require.Equal(t, bare(text), bare(got.Match.Text), "she reads the words that she has")
		}
		return got.Verdict
	}
	b.rows[0].Notice.Params["gone"] = "甲" // a variable that this release has not
	old, code := "【洛阳人社】旧文本:您的社保账户已挂失,参考甲。", "【洛阳人社】旧文本:验证码123456,勿告诉他人。"
	require.Equal(t, VerdictNotFound, asked(old))
	s.Filed = NewBook(rows, b.clock, nil)
	require.Equal(t, VerdictOurs, asked(old))
	require.Equal(t, VerdictCode, asked(code))
	require.Equal(t, VerdictNotFound, asked("平台文本"), "that was no text message")
	require.Equal(t, VerdictNotFound, asked(old+"请点链接"))
	rows.gone = true
	s.Filed = NewBook(rows, b.clock, nil)
	_, err := s.IsItOurs(t.Context(), holder(wang), Asked{Text: old})
	require.Error(t, err, "what cannot be read is not answered with no")
}

func TestSendersAreJudgedByTheirNumbersAlone(t *testing.T) {
	t.Parallel()
	ours := Senders{"106900123", "95555"}
	for number, want := range map[string]SenderVerdict{
		"106900123": SenderListed, "1069 0012 3001": SenderListed, "+86106900123": SenderListed, "10690012": SenderNotListed,
		"0379-12333": SenderNotListed, "13800001234": SenderNotListed, "95555": SenderListed,
	} {
		got, say, err := ours.Check(number)
		require.NoError(t, err)
		require.Equal(t, want, got, number)
		require.Contains(t, say, "12333")
	}
	got, _, err := Senders(nil).Check("106900123")
	require.NoError(t, err)
	require.Equal(t, SenderUnsure, got)
	for _, bad := range []string{"", "1234", "一〇六九", strings.Repeat("1", 21)} {
		_, _, err := ours.Check(bad)
		require.Equal(t, models.Invalid, models.KindOf(err), bad)
	}
}

func TestEveryWayToUndoSaysWhereToGo(t *testing.T) {
	t.Parallel()
	for kind, list := range undoOf {
		all := ""
		for _, u := range list {
			all += u.Text
		}
		require.Contains(t, all, "12333", kind)
		require.Contains(t, []Topic{TopicLoss, TopicAccount}, kind.Topic(), kind)
		require.NotContains(t, all, "冻结")
	}
}

// contactPhones send to the number that she declared, which the registry's copy of her does not have.
type contactPhones struct {
	Phones
	to map[models.ID]models.Phone
}

func (p contactPhones) RegistryPhones(_ context.Context, people []models.ID) (map[models.ID]models.Phone, error) {
	out := map[models.ID]models.Phone{}
	for _, id := range people {
		if phone, known := p.to[id]; known {
			out[id] = phone
		}
	}
	return out, nil
}

func TestAnAgentIsToldTheNumberThatMessagesGoTo(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	wang := models.NewID()
	phone, err := models.ParsePhone("13900005678")
	require.NoError(t, err)
	s.Phones = contactPhones{to: map[models.ID]models.Phone{wang: phone}}
	agent := models.Actor{Kind: models.AgentActor, ID: models.NewID(), CallID: models.NewID(), Subject: wang, Level: models.LevelReal}
	got, err := s.NumberOf(t.Context(), agent)
	require.NoError(t, err)
	require.Equal(t, phone, got)
	agent.Level = models.LevelPhone
	_, err = s.NumberOf(t.Context(), agent)
	require.ErrorIs(t, err, models.ErrForbidden)
}

func TestASumWithoutItsPointIsAnotherSum(t *testing.T) {
	t.Parallel()
	require.NotEqual(t, bare("338.00元已存入"), bare("33800元已存入"))
	require.Equal(t, bare("338.00元已存入"), bare("【洛阳人社】338．00元 已存入。"))
}
