package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// Preferences are the use cases of what a citizen wants to be told, and how.
type Preferences interface {
	ListPreferences(ctx context.Context, by models.Actor) (notice.PreferenceView, error)
	SetPreferences(ctx context.Context, by models.Actor, dependant models.ID, changes []notice.Change) (notice.PreferenceView, error)
	LiftStop(ctx context.Context, by models.Actor) (notice.PreferenceView, error)
}

func (s *server) registerPreferences() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/notices/preferences", ID: "listNoticePreferences",
		Summary: "What one is told over which channel, about oneself and each child; what cannot be switched off and why; what stopped working and how to repair it",
		Act:     models.ActCardRead, Audience: Citizen, Limit: LimitRead,
		Errs: []*models.Error{notice.ErrPreferenceBorrowed, models.ErrForbidden},
	}, s.listPreferences)
	register(s, op{
		Method: http.MethodPatch, Path: "/v1/notices/preferences", ID: "setNoticePreferences",
		Summary: "Switch topics on and off; what waits to be sent is withheld too. The holder alone: no helper, no agent (R12)",
		Act:     models.ActCardRead, Audience: Citizen, Limit: LimitWrite,
		Errs: []*models.Error{notice.ErrPreferenceBorrowed, notice.ErrPreferenceUnknown, notice.ErrPreferenceLocked, notice.ErrPreferenceChild, models.ErrForbidden},
	}, s.setPreferences)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/notices/sms-stop/lift", ID: "liftSMSStop",
		Summary: "Text messages go again to one's own number, which had answered 退订. Ends our own stop, not what a carrier blocks by itself",
		Act:     models.ActCardRead, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{notice.ErrPreferenceBorrowed, notice.ErrPreferenceNoPhone, models.ErrForbidden},
	}, s.liftSMSStop)
}

type preferenceWayReply struct {
	Channel    string `json:"channel" enum:"sms,wechat_mini,wechat_oa,alipay_mini,alipay_life"`
	Wanted     bool   `json:"wanted"`
	Switchable bool   `json:"switchable" doc:"false: it always goes (R62)"`
	WhyNot     string `json:"why_not,omitempty" doc:"Why it cannot be switched off"`
	State      string `json:"state" enum:"on,switched_off,stopped,not_subscribed" doc:"stopped: the address takes none"`
	Reason     string `json:"reason,omitempty" doc:"Of stopped: asked, dead_number, no_phone; of platforms rejected, switched, refused, banned, unfollowed, blocked, gone"`
	Repair     string `json:"repair,omitempty" doc:"What to do to get messages there again"`
	Hint       string `json:"hint,omitempty" doc:"What the switch does not cover"`
}

type preferenceLineReply struct {
	DependantID string               `json:"dependant_id,omitempty" doc:"The child's; absent: about oneself"`
	ChildName   string               `json:"child_name,omitempty" doc:"Masked"`
	Topic       string               `json:"topic" doc:"codes, loss, account, arrivals, payday, progress, fees, answers, dependants"`
	Title       string               `json:"title"`
	Ways        []preferenceWayReply `json:"ways" nullable:"false" doc:"In the order in which they are tried; none: the inbox only"`
}

type smsStopReply struct {
	Reason  string    `json:"reason" enum:"asked,dead_number" doc:"asked: whoever holds the phone answered 退订"`
	Since   time.Time `json:"since"`
	CanLift bool      `json:"can_lift" doc:"By liftSMSStop"`
	Repair  string    `json:"repair"`
}

type preferencesReply struct {
	Phone string                `json:"phone" doc:"Masked; empty: none on file"`
	Stops []smsStopReply        `json:"stops" nullable:"false" doc:"Why that number gets no text messages but what protects its holder"`
	Items []preferenceLineReply `json:"items" nullable:"false"`
}

func newPreferencesReply(v notice.PreferenceView) preferencesReply {
	out := preferencesReply{Phone: v.Phone.String(), Stops: []smsStopReply{}, Items: []preferenceLineReply{}}
	for _, st := range v.Stops {
		out.Stops = append(out.Stops, smsStopReply{string(st.Reason), st.Since, st.CanLift, st.Repair})
	}
	for _, l := range v.Lines {
		line := preferenceLineReply{DependantID: string(l.Child.Dependant), ChildName: l.Child.Name.String(), Topic: string(l.Topic), Title: l.Title, Ways: []preferenceWayReply{}}
		for _, w := range l.Ways {
			line.Ways = append(line.Ways, preferenceWayReply{string(w.Channel), w.Wanted, w.Switchable, w.WhyNot, string(w.State), w.Reason, w.Repair, w.Hint})
		}
		out.Items = append(out.Items, line)
	}
	return out
}

type preferencesOutput struct {
	ETag string `header:"ETag"`
	Body preferencesReply
}

type changedPreferencesOutput struct{ Body preferencesReply }

func (s *server) listPreferences(ctx context.Context, _ *struct{}) (*preferencesOutput, error) {
	v, err := s.Preferences.ListPreferences(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	body := newPreferencesReply(v)
	return &preferencesOutput{s.etag(body), body}, nil
}

type setPreferencesInput struct {
	Body struct {
		DependantID string `json:"dependant_id,omitempty" maxLength:"36" doc:"Of listDependants, for notices about that child; without it, about oneself"`
		Changes     []struct {
			Topic   string `json:"topic" enum:"codes,loss,account,arrivals,payday,progress,fees,answers,dependants,campaigns"`
			Channel string `json:"channel" enum:"sms,wechat_mini,wechat_oa,alipay_mini,alipay_life"`
			Wanted  bool   `json:"wanted"`
		} `json:"changes" minItems:"1" maxItems:"50"`
	}
}

func (s *server) setPreferences(ctx context.Context, in *setPreferencesInput) (*changedPreferencesOutput, error) {
	changes := make([]notice.Change, len(in.Body.Changes))
	for i, c := range in.Body.Changes {
		changes[i] = notice.Change{Topic: notice.Topic(c.Topic), Channel: notice.Channel(c.Channel), Wanted: c.Wanted}
	}
	v, err := s.Preferences.SetPreferences(ctx, actorFrom(ctx), models.ID(in.Body.DependantID), changes)
	if err != nil {
		return nil, err
	}
	return &changedPreferencesOutput{newPreferencesReply(v)}, nil
}

func (s *server) liftSMSStop(ctx context.Context, _ *struct{}) (*changedPreferencesOutput, error) {
	v, err := s.Preferences.LiftStop(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	return &changedPreferencesOutput{newPreferencesReply(v)}, nil
}
