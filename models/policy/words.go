package policy

import (
	"context"
	"slices"
	"strings"
	"time"

	"onecard/models"
)

// namedInTexts are the families of settings whose figures a text may name: what is asked of citizens and promised to
// them. How the service defends itself is not among them.
var namedInTexts = []string{"fee", "helpers", "application", "replacement", "misuse"}

// Words is a setting's value for the whole city at t as it is read in a sentence, e.g. 16元; ok is false for one that no
// text may name.
func (s *Service) Words(ctx context.Context, key string, t time.Time) (words string, ok bool, err error) {
	declared, known := byKey[key]
	if !known || !slices.Contains(namedInTexts, family(key)) || declared.Type != Fen && declared.Type != Count {
		return "", false, nil
	}
	if declared.Type == Count {
		words, err = s.At(ctx, key, Everywhere, t)
		return words, err == nil, err
	}
	n, err := s.count(ctx, key, Everywhere, t)
	return FenWords(models.Fen(n)), err == nil, err
}

// FenWords writes money as people say it: 16元, 16.5元.
func FenWords(n models.Fen) string {
	yuan := n.Yuan()
	if strings.Contains(yuan, ".") {
		yuan = strings.TrimRight(strings.TrimRight(yuan, "0"), ".")
	}
	return yuan + "元"
}

// ArticleReviewDays is after how many days an article has to be read over again.
func (s *Service) ArticleReviewDays(ctx context.Context, at time.Time) (int, error) {
	n, err := s.count(ctx, ArticleReviewDays, Everywhere, at)
	return int(n), err
}

// BankPhones are the hotlines of all banks on the registry's lists.
func (s *Service) BankPhones(ctx context.Context) ([]string, error) {
	v, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, code := range v.order {
		if phone := v.banks[code].Phone; phone != "" {
			out = append(out, phone)
		}
	}
	return out, nil
}
