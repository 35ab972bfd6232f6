package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/hotline"
)

// sample is a resource as other files write them, for testing the edge.
type sampleBody struct {
	Kind   string   `json:"kind" enum:"a,b" doc:"One of two"`
	Count  int      `json:"count,omitempty" minimum:"1" maximum:"9"`
	Phone  string   `json:"phone,omitempty" pattern:"^1[0-9]{10}$"`
	Tags   []string `json:"tags,omitempty" maxItems:"2"`
	Nested struct {
		Deep string `json:"deep,omitempty" maxLength:"4"`
	} `json:"nested,omitempty"`
}

type sampleInput struct {
	ID   string `path:"id" maxLength:"36"`
	Body sampleBody
}

type sampleOutput struct {
	Status int
	Body   struct {
		Key   string `json:"key"`
		MAC   []byte `json:"mac"`
		Actor string `json:"actor"`
	}
}

type samplesInput struct {
	Page
	Year int `query:"year" minimum:"2000"`
}

type samplesOutput struct {
	ETag string `header:"ETag"`
	Body list[string]
}

var errSample = models.NewError(models.Forbidden, "BANK_IN_PERSON_ONLY", "请本人到银行网点办理。")

// withSample adds the resource to a rig and writes the document anew.
func (r *rig) withSample() *rig {
	s := r.server
	register(s, op{
		Method: http.MethodPost, Path: "/v1/samples/{id}/acts", ID: "actOnSample", Summary: "Act", Act: models.ActLoss,
		Audience: Citizen, Limit: LimitWrite, DespiteOutage: true, BodyLimit: 2048, Statuses: []int{201, 202, 200}, Errs: []*models.Error{errSample},
	}, s.actOnSample)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/samples", ID: "listSamples", Summary: "List",
		Audience: Citizen, Limit: LimitRead,
	}, s.listSamples)
	register(s, op{
		Method: http.MethodDelete, Path: "/v1/samples/{id}", ID: "removeSample", Summary: "Remove",
		Audience: Citizen, Limit: LimitWrite,
	}, func(context.Context, *struct {
		ID string `path:"id"`
	}) (*struct{}, error) {
		return nil, nil
	})
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/samples/{id}", ID: "agentSample", Summary: "One, for agents",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: []*models.Error{errSample},
	}, func(_ context.Context, in *struct {
		ID string `path:"id"`
	}) (*healthOutput, error) {
		switch in.ID {
		case "panic":
			panic("410303198001010015")
		case "unknown":
			return nil, errors.New("sql: connection refused")
		case "facts":
			return nil, errSample.With("bank_name", "洛阳银行")
		case "undeclared":
			return nil, models.NewError(models.Conflict, "NOT_IN_THE_TABLE", "请拨打12333。")
		case "wait":
			return nil, models.ErrUnavailable.After(1500_000_000)
		}
		return s.health(context.Background(), nil)
	})
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/sample-sessions", ID: "openSample", Summary: "Log in",
		Audience: Public, Limit: LimitWrite, AcceptsPassword: true, SetsCookie: true,
	}, func(context.Context, *struct {
		Body struct {
			Password string `json:"password"`
		}
	}) (*struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}, error) {
		return &struct {
			SetCookie http.Cookie `header:"Set-Cookie"`
		}{s.sessionCookie(Agent, agentToken, 3600_000_000_000)}, nil
	})
	registerRaw(s, op{
		Method: http.MethodPost, Path: "/callbacks/sample/{app}", ID: "sampleCallback", Summary: "A vendor calls",
		Audience: Callback, Limit: LimitNone, BodyLimit: 64,
	}, func(c *gin.Context) { c.Data(http.StatusOK, "text/plain", rawBody(c.Request.Context())) })
	var err error
	if s.document, err = s.writeDocument(); err != nil {
		r.t.Fatal(err)
	}
	return r
}

func (s *server) actOnSample(ctx context.Context, in *sampleInput) (*sampleOutput, error) {
	if in.Body.Kind == "b" {
		return nil, errSample.With("bank_name", "洛阳银行")
	}
	out := &sampleOutput{Status: http.StatusCreated}
	if k, ok := models.RequestKeyFrom(ctx); ok {
		out.Body.Key, out.Body.MAC = k.Operation+"/"+k.Key, k.BodyMAC
	}
	out.Body.Actor = string(actorFrom(ctx).ID)
	return out, nil
}

func (s *server) listSamples(ctx context.Context, in *samplesInput) (*samplesOutput, error) {
	place, err := s.place(ctx, "", in.Cursor)
	if err != nil {
		return nil, err
	}
	items := []string{"first" + place}
	return &samplesOutput{ETag: s.etag(items), Body: listOf(items, s.cursor(ctx, "", "|second"))}, nil
}
