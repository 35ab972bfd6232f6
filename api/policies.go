package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/policy"
)

// Policies are the use cases this file calls.
type Policies interface {
	Public(ctx context.Context, channel models.Channel, district string) (policy.PublicPolicy, error)
	BanksToday(ctx context.Context, kind policy.BankKind, district string) ([]policy.ShownBank, error)
	BanksAsOf(ctx context.Context) (time.Time, error)
}

func (s *server) registerPolicies() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/policies", ID: "showPolicies", Summary: "Which act is done where and at which level; fees; no login",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, s.showPolicies)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/policies/banks", ID: "listBanks", Summary: "The two dated lists of banks of a district (R16); no login",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, s.listBanks)
}

type showPoliciesInput struct {
	Channel  string `query:"channel" required:"true" enum:"wechat_mini,wechat_oa,alipay_mini,alipay_life,phone" doc:"The door asked about"`
	District string `query:"district" pattern:"^[0-9]{6}$" doc:"Code of a district; left out: the whole city"`
}

type policyActReply struct {
	Act      string         `json:"act"`
	Level    string         `json:"level" doc:"guest, platform, phone, real or fresh"`
	Mode     string         `json:"mode" doc:"here, hand_over or window_only"`
	HandOver *handOverReply `json:"hand_over,omitempty"`
	Banner   string         `json:"banner,omitempty" doc:"An act that this channel did and does not do now: what to show"`
}

type handOverReply struct {
	Name string `json:"name"`
	Link string `json:"link"`
}

type showPoliciesOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Acts           []policyActReply `json:"acts" nullable:"false"`
		ReplacementFee int64            `json:"replacement_fee_fen" doc:"R21; a first card is free (R20)"`
		PriorityGroups bool             `json:"priority_groups" doc:"R22: windows serve five groups first, others are asked to go online"`
		Priority       *priorityReply   `json:"priority,omitempty" doc:"While they do: the banner and the question, for the first page"`
	}
}

func (s *server) showPolicies(ctx context.Context, in *showPoliciesInput) (*showPoliciesOutput, error) {
	p, err := s.Policies.Public(ctx, models.Channel(in.Channel), in.District)
	if err != nil {
		return nil, err
	}
	out := &showPoliciesOutput{}
	out.Body.Acts, out.Body.ReplacementFee, out.Body.PriorityGroups = []policyActReply{}, int64(p.ReplacementFee), p.PriorityGroups
	for _, a := range p.Acts {
		out.Body.Acts = append(out.Body.Acts, newPolicyActReply(a))
	}
	out.Body.Priority = newPriorityReply(p.Priority)
	out.ETag = s.etag(out.Body)
	return out, nil
}

func newPolicyActReply(a policy.PublicAct) policyActReply {
	one := policyActReply{Act: string(a.Act), Level: a.Level.String(), Mode: string(a.Mode), Banner: a.Banner}
	if a.Mode == models.ModeHandOver {
		one.HandOver = &handOverReply{a.HandOverName, a.HandOverLink}
	}
	return one
}

type listBanksInput struct {
	District string `query:"district" required:"true" pattern:"^[0-9]{6}$" doc:"Code of a district"`
}

type listBanksOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		CardService []listedBankReply `json:"card_service" nullable:"false" doc:"合作银行: issue cards in the city; the choice at an application"`
		Paying      []listedBankReply `json:"paying" nullable:"false" doc:"代发机构: pay subsidies in the district; information"`
		AsOf        *time.Time        `json:"as_of,omitempty" doc:"How fresh our copy of the registry is"`
	}
}

func (s *server) listBanks(ctx context.Context, in *listBanksInput) (*listBanksOutput, error) {
	asOf, err := s.Policies.BanksAsOf(ctx)
	if err != nil {
		return nil, err
	}
	out := &listBanksOutput{}
	for kind, into := range map[policy.BankKind]*[]listedBankReply{
		policy.CardService: &out.Body.CardService, policy.Paying: &out.Body.Paying,
	} {
		banks, err := s.Policies.BanksToday(ctx, kind, in.District)
		if err != nil {
			return nil, err
		}
		*into = []listedBankReply{}
		for _, b := range banks {
			*into = append(*into, listedBankReply{b.Code, b.Name, b.Phone})
		}
	}
	out.ETag, out.Body.AsOf = s.etag(out.Body), instantOrNone(asOf)
	return out, nil
}
