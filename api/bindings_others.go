package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

func (s *server) registerOtherBindings() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/me/bindings", ID: "listBindings", Summary: "The platform accounts that are bound to one, the oldest first",
		Act: models.ActCardRead, Audience: Citizen, Limit: LimitRead,
	}, s.listBindings)
	register(s, op{
		Method: http.MethodDelete, Path: "/v1/me/bindings/{account_id}", ID: "unbindOther",
		Summary: "Take another platform account off oneself, e.g. one that somebody else bound; its sessions end",
		Act:     models.ActUnbind, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusNoContent},
		Errs: []*models.Error{citizen.ErrNotBound, citizen.ErrBorrowedPhone, models.ErrNotFound},
	}, s.unbindOther)
}

type bindingReply struct {
	AccountID string    `json:"account_id"`
	Platform  string    `json:"platform" enum:"wechat_mini,wechat_oa,alipay_mini,alipay_life"`
	Current   bool      `json:"current" doc:"The one of this session; it is taken off by unbind"`
	Level     string    `json:"level" enum:"phone,real" doc:"How surely it was bound"`
	BoundAt   time.Time `json:"bound_at"`
	SeenAt    time.Time `json:"seen_at" doc:"The last log-in"`
}

type bindingsOutput struct {
	ETag string `header:"ETag"`
	Body list[bindingReply]
}

func (s *server) listBindings(ctx context.Context, _ *struct{}) (*bindingsOutput, error) {
	by := actorFrom(ctx)
	list, err := s.Citizens.Bindings(ctx, by)
	if err != nil {
		return nil, err
	}
	items := make([]bindingReply, len(list))
	for i, a := range list {
		items[i] = bindingReply{string(a.ID), string(a.Platform), a.ID == by.AccountID, a.Level.String(), a.BoundAt, a.SeenAt}
	}
	body := listOf(items, "")
	return &bindingsOutput{s.etag(body), body}, nil
}

type accountPath struct {
	AccountID string `path:"account_id" maxLength:"36" format:"uuid"`
}

func (s *server) unbindOther(ctx context.Context, in *accountPath) (*struct{}, error) {
	return nil, s.Citizens.UnbindOther(ctx, actorFrom(ctx), models.ID(in.AccountID))
}
