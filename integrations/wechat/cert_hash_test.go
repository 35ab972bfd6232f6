package wechat

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The worked example of the vendor's documents:
// developers.weixin.qq.com/miniprogram/dev/platform-capabilities/cityservice/face2/api_getfaceidentifyimage
func TestTheIdentitysDigestIsTheDocuments(t *testing.T) {
	t.Parallel()
	c := certInfo{Type: "IDENTITY_CARD", Name: "张三", Number: "310101199801011234"}
	require.Equal(t, "3c241f7ff324977aeb91f173bb2a7b06569e6fd784d5573db34a636d8671108b", c.hash())
}
