package objects

import (
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
)

// realServer reads ONECARD_TEST_S3, an address with access key and secret before the host and the bucket behind it.
func realServer(t *testing.T) (configs.S3, bool) {
	at := os.Getenv("ONECARD_TEST_S3")
	if at == "" {
		return configs.S3{}, false
	}
	u, err := url.Parse(at)
	require.NoError(t, err)
	secret, _ := u.User.Password()
	return configs.S3{URL: u.Scheme + "://" + u.Host, Region: "us-east-1", Bucket: strings.Trim(u.Path, "/"), AccessKey: u.User.Username(),
		SecretKey: configs.NewSecret(secret), PathStyle: true, Timeout: 10 * time.Second}, true
}
