package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

func (s *server) registerChallenges() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/challenges", ID: "makeChallenge", Summary: "A small question to answer before a further code: a picture of four digits, or plain words (R61)",
		Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{citizen.ErrChallengeLimit},
	}, s.makeChallenge)
}

type challengeInput struct {
	Body struct {
		Kind string `json:"kind" enum:"picture,question" doc:"question for who cannot see or read the picture: plain words, for a screen reader too"`
	}
}

type challengeOutput struct {
	Body struct {
		ChallengeID string    `json:"challenge_id"`
		Kind        string    `json:"kind" enum:"picture,question"`
		Question    string    `json:"question" doc:"What to do, to be shown in large print and read out"`
		Picture     string    `json:"picture,omitempty" doc:"Of a picture: a PNG of 400 by 140 as a data: address, dark on light"`
		Other       string    `json:"other" enum:"picture,question" doc:"The other way, always to be offered beside this one"`
		ExpiresAt   time.Time `json:"expires_at"`
		Tries       int       `json:"tries" doc:"Answers it takes; each wrong one counts"`
	}
}

func (s *server) makeChallenge(ctx context.Context, in *challengeInput) (*challengeOutput, error) {
	c, err := s.Citizens.MakeChallenge(ctx, actorFrom(ctx), citizen.ChallengeKind(in.Body.Kind))
	if err != nil {
		return nil, err
	}
	out := &challengeOutput{}
	out.Body.ChallengeID, out.Body.Kind, out.Body.Other = string(c.ID), string(c.Kind), string(c.Other)
	out.Body.Question, out.Body.ExpiresAt, out.Body.Tries = c.Question, c.ExpiresAt, citizen.ChallengeTries
	if len(c.Picture) > 0 {
		out.Body.Picture = "data:image/png;base64," + base64.StdEncoding.EncodeToString(c.Picture)
	}
	return out, nil
}

// challengeAnswer reads the answer that travels with a request for a code. An id of another form is nobody's challenge.
func challengeAnswer(id, answer string) (citizen.ChallengeAnswer, error) {
	if id == "" {
		return citizen.ChallengeAnswer{}, nil
	}
	parsed, err := models.ParseID(id)
	if err != nil {
		return citizen.ChallengeAnswer{}, citizen.ErrChallengeOver
	}
	return citizen.ChallengeAnswer{ID: parsed, Answer: answer}, nil
}
