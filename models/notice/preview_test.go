package notice

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryKindHasAPreviewThatPasses(t *testing.T) {
	t.Parallel()
	list := Previews()
	require.Len(t, list, len(specs))
	for _, p := range list {
		require.Empty(t, p.Verdict, p.Kind)
		require.NotContains(t, p.Sample, "${")
		require.Contains(t, p.Sample, Signature)
		require.LessOrEqual(t, p.Usual.Characters, p.Most.Characters, p.Kind)
		require.LessOrEqual(t, p.Most.Parts, MaxParts, p.Kind)
		for name, v := range p.samples() {
			require.NotEmpty(t, v, name)
		}
	}
	for _, s := range specs {
		for _, p := range s.Params {
			if v, has := sampleValues[p.Type]; has {
				require.True(t, p.fits(v), "%s %s: %s", s.Kind, p.Name, v)
			}
		}
	}
	require.Equal(t, Size{71, 2}, SizeOf(Signed("字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字")))
}

func TestEveryPlatformTemplateHasAPreviewOfEachOfItsKinds(t *testing.T) {
	t.Parallel()
	for _, c := range Platforms {
		n := 0
		for _, p := range PlatformPreviews(c) {
			require.Empty(t, p.Verdict)
			for _, k := range p.Kinds {
				n++
				for _, f := range p.Fields {
					require.NotEmpty(t, k.Usual[f.Key], "%s %s", k.Kind, f.Key)
					require.NotEmpty(t, k.Fullest[f.Key], "%s %s", k.Kind, f.Key)
				}
			}
		}
		require.Equal(t, len(platformLines), n)
	}
}
