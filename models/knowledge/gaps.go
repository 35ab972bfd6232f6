package knowledge

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"onecard/models"
)

// How searches that found nothing are counted [choice].
const (
	gapsKept  = 90 // days
	gapLeast  = 5  // a piece that was looked for less often is shown to nobody: it may be of a name
	gapsShown = 100
	gapsEach  = 8 // pieces of one search at most
)

// commonSurnames begin four of five names; a search of two to four characters that begins with one is taken for a name
// and not counted at all.
const commonSurnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"

// gapGrams are the pieces of a search that are counted: two Chinese characters each, no word, no number.
func gapGrams(query string) []string {
	query = strings.TrimSpace(query)
	if n := utf8.RuneCountInString(query); n >= 2 && n <= 4 {
		if first, _ := utf8.DecodeRuneInString(query); strings.ContainsRune(commonSurnames, first) {
			return nil
		}
	}
	var out []string
	for _, g := range grams(query) {
		if first, _ := utf8.DecodeRuneInString(g); unicode.Is(unicode.Han, first) && utf8.RuneCountInString(g) == 2 && len(out) < gapsEach {
			out = append(out, g)
		}
	}
	return out
}

// countGaps counts what an agent looked for in vain. A counter that fails fails no search.
func (s *Service) countGaps(ctx context.Context, query string) {
	if pieces := gapGrams(query); len(pieces) > 0 {
		_ = s.Store.CountGaps(ctx, models.DateOf(s.Clock.Now()), pieces)
	}
}

// Gaps are the pieces that agents looked for most in vain in the last three months: what an article is missing for.
func (s *Service) Gaps(ctx context.Context, by models.Actor) ([]Gap, error) {
	if _, err := s.Staff.Editor(ctx, by); err != nil {
		return nil, err
	}
	return s.Store.Gaps(ctx, s.gapsSince(), gapLeast, gapsShown)
}

// ForgetGaps drops what is older than Gaps shows.
func (s *Service) ForgetGaps(ctx context.Context) error {
	return s.Store.DropGapsBefore(ctx, s.gapsSince())
}

func (s *Service) gapsSince() models.Date {
	return models.DateOf(s.Clock.Now().AddDate(0, 0, -gapsKept))
}
