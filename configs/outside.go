package configs

import "time"

// Wechat is the platform and our apps on it. Several mini-programs and official accounts stand side by side.
type Wechat struct {
	APIURL       string        `koanf:"api_url" doc:"address of the server API"`
	AuthorizeURL string        `koanf:"authorize_url" doc:"page on which a citizen agrees to log in to an official account"`
	Timeout      time.Duration `koanf:"timeout" doc:"time for one call"`
	Apps         []WechatApp   `koanf:"apps" doc:"our mini-programs and official accounts"`

	MessageFresh  time.Duration `koanf:"message_fresh" doc:"messages of the platform's servers may be so old; older ones are refused as replays"`
	MessageBudget time.Duration `koanf:"message_budget" doc:"such a message is answered within so long, whatever is being done about it; the platform waits 5s"`
}

// WechatApp is one mini-program or official account.
type WechatApp struct {
	Name       string `koanf:"name" doc:"short name"`
	Kind       string `koanf:"kind" one_of:"mini,oa" doc:"mini-program or official account"`
	AppID      string `koanf:"app_id" doc:"the platform's id of the app"`
	Secret     Secret `koanf:"secret" doc:"app secret"`
	RealPerson bool   `koanf:"real_person" doc:"the app may ask for a real-person check (getVerifyId)"`

	Templates      MessageTemplates `koanf:"templates"`
	LongTerm       bool             `koanf:"long_term" doc:"the mini-program's templates are long-term ones: a consent stands until it is taken back"`
	Page           string           `koanf:"page" doc:"the mini-program's page that a message opens, with ?object=&id= behind it; empty: pages/notice"`
	Opens          string           `koanf:"opens" doc:"app_id of the mini-program that messages of the official account open; empty: our own page"`
	ServerToken    Secret           `koanf:"server_token" doc:"token of the server configuration (服务器配置, 消息推送) for /callbacks/wechat/NAME; choose the secure mode and XML there; empty: the app gets no messages"`
	EncodingAESKey Secret           `koanf:"encoding_aes_key" doc:"EncodingAESKey of the same page, 43 characters"`
}

// WechatPay is the payment platform and our merchant account there. The platform's word is believed by its public key, by
// certificates of its, or by both while one replaces the other.
type WechatPay struct {
	URL           string        `koanf:"url" doc:"address of the payment API"`
	MerchantID    string        `koanf:"merchant_id" doc:"our merchant number (mchid); empty: no fee is taken by WeChat Pay"`
	Serial        string        `koanf:"serial" doc:"serial number of our merchant certificate"`
	PrivateKey    Secret        `koanf:"private_key" doc:"private key of that certificate, PEM or one line of base64"`
	APIv3Key      Secret        `koanf:"apiv3_key" doc:"APIv3 key, 32 characters: opens what notices hold"`
	PublicKeyID   string        `koanf:"public_key_id" doc:"id of the platform's public key (PUB_KEY_ID_...)"`
	PublicKey     string        `koanf:"public_key" doc:"the platform's public key, PEM or one line of base64"`
	PlatformCerts []string      `koanf:"platform_certs" doc:"files of the platform's certificates, PEM, where certificates are used"`
	Timeout       time.Duration `koanf:"timeout" doc:"time for one call"`
}

// NonTax is the finance bureau's platform for non-tax revenue, by which the fee is taken where policy fee.route says so.
type NonTax struct {
	URL        string        `koanf:"url" doc:"base address, everything before /v1"`
	UnitCode   string        `koanf:"unit_code" doc:"code of the collecting unit; empty: no fee is taken as non-tax revenue"`
	ItemCode   string        `koanf:"item_code" doc:"code of the item that is charged"`
	PrivateKey Secret        `koanf:"private_key" doc:"signs our requests: RSA, PEM or one line of base64"`
	PublicKey  string        `koanf:"public_key" doc:"the platform's public key, PEM or one line of base64"`
	CodeLife   time.Duration `koanf:"code_life" doc:"how long a payment code can be paid"`
	Timeout    time.Duration `koanf:"timeout" doc:"time for one call"`
}

// Alipay is the platform and our apps on it.
type Alipay struct {
	GatewayURL   string        `koanf:"gateway_url" doc:"address of the gateway"`
	AuthorizeURL string        `koanf:"authorize_url" doc:"page on which a citizen agrees to log in to the life account"`
	Timeout      time.Duration `koanf:"timeout" doc:"time for one call"`
	SellerID     string        `koanf:"seller_id" doc:"our merchant account there (PID, 2088 and 12 digits), for which every app takes fees; the first app reads its bills; empty: no fee is taken by Alipay"`
	Apps         []AlipayApp   `koanf:"apps" doc:"our mini-programs and life accounts"`

	MessageFresh  time.Duration `koanf:"message_fresh" doc:"messages of the platform's servers to a life account (/callbacks/alipay/gateway) may be so old; older ones are refused as replays"`
	MessageBudget time.Duration `koanf:"message_budget" doc:"such a message is acknowledged within so long, whatever is being done about it"`
}

// AlipayApp is one mini-program or life account. Production uses the three certificates, the pretend platform plain keys.
type AlipayApp struct {
	Name           string `koanf:"name" doc:"short name"`
	Kind           string `koanf:"kind" one_of:"mini,life" doc:"mini-program or life account"`
	AppID          string `koanf:"app_id" doc:"the platform's id of the app"`
	PrivateKey     Secret `koanf:"private_key" doc:"our RSA private key, PEM or one line of base64"`
	PublicKey      string `koanf:"public_key" doc:"the platform's public key, where certificates are not used"`
	AppCertPath    string `koanf:"app_cert_path" doc:"our certificate (appCertPublicKey)"`
	RootCertPath   string `koanf:"root_cert_path" doc:"the platform's root certificate"`
	AlipayCertPath string `koanf:"alipay_cert_path" doc:"the platform's certificate (alipayCertPublicKey)"`
	ContentKey     Secret `koanf:"content_key" doc:"AES key of phone numbers sent by the mini-program"`
	RealPerson     bool   `koanf:"real_person" doc:"the app may ask for a real-person check (certify)"`

	Templates MessageTemplates `koanf:"templates"`
	LongTerm  bool             `koanf:"long_term" doc:"the mini-program's templates are long-term ones: a consent stands until it is taken back"`
	Page      string           `koanf:"page" doc:"the mini-program's page that a message opens, with ?object=&id= behind it; empty: pages/notice"`
}

// SMS is who carries our messages.
type SMS struct {
	Aliyun    Aliyun   `koanf:"aliyun"`
	Tencent   Tencent  `koanf:"tencent"`
	Failover  Failover `koanf:"failover"`
	QuietFrom int      `koanf:"quiet_from" doc:"civil hour from which arrivals and campaigns wait; equal to quiet_to: they never wait"`
	QuietTo   int      `koanf:"quiet_to" doc:"civil hour until which they wait"`
	Senders   []string `koanf:"senders" doc:"numbers that our messages come from, as vendors assigned them, or their beginnings: citizens ask whether a message is really ours; empty: that cannot be told by the number"`
	Parallel  int      `koanf:"parallel" doc:"calls of one process at once on each channel: about the messages a second that the vendor takes times the seconds of one call"`

	ShareWithoutRedis int `koanf:"share_without_redis" doc:"percent of each per_second that one process uses while Redis does not answer; 100 divided by the number of processes that work"`
	TemplatesMinutes  int `koanf:"templates_minutes" doc:"minutes between two questions to vendors and WeChat how our texts stand with them; 0: only by onecard templates sync"`
	DailyBudgetFen    int `koanf:"daily_budget_fen" doc:"what the messages of a day may cost; at 80 and at 100 percent there is an alarm, nothing is held back; 0: no budget"`
	CodesUsedLeast    int `koanf:"codes_used_least" doc:"percent of the one-time codes of an hour that are used at least; fewer are an alarm, for somebody may earn by messages to numbers of her own; 0: no alarm"`
	CodesJudgedFrom   int `koanf:"codes_judged_from" doc:"codes of an app in an hour below which that is not judged"`
}

// Failover says when a carrier is left for another one.
type Failover struct {
	Failures int           `koanf:"failures" doc:"a vendor is left when so many of its last calls failed"`
	Of       int           `koanf:"of" doc:"so many last calls are looked at"`
	Slow     time.Duration `koanf:"slow" doc:"a call that took longer counts as failed; at most the time of one call"`
	CoolDown time.Duration `koanf:"cool_down" doc:"so long a vendor that was left is not tried, twice as long when it was left again within the hour, and so on up to eight times; also between two changes by themselves"`
	Probes   int           `koanf:"probes" doc:"so many messages, none of them a one-time code, must go well before a vendor that was left is preferred again"`
}

// Carrier is what every carrier has.
type Carrier struct {
	PerSecond      int `koanf:"per_second" doc:"messages a second of all replicas together; they leave evenly spread; 0: no cap"`
	PartPriceMilli int `koanf:"part_price_milli" doc:"price of one part of 70 (67) characters in thousandths of a yuan: 45 is 4.5 fen"`
}

// Aliyun is the first carrier.
type Aliyun struct {
	Carrier
	URL             string        `koanf:"url" doc:"address of the SMS API"`
	AccessKeyID     string        `koanf:"access_key_id" doc:"name of the access key"`
	AccessSecret    Secret        `koanf:"access_secret" doc:"its secret"`
	SignName        string        `koanf:"sign_name" doc:"signature before each message; counts towards its length"`
	CallbackToken   Secret        `koanf:"callback_token" doc:"last part of the addresses to which receipts and replies are sent"`
	CallbackSources []string      `koanf:"callback_sources" doc:"addresses or networks from which receipts are taken; empty: any, the token alone decides"`
	Templates       Templates     `koanf:"templates"`
	Timeout         time.Duration `koanf:"timeout" doc:"time for one call"`
}

// Tencent is the second carrier, used where it has a secret id.
type Tencent struct {
	Carrier         `koanf:",squash"`
	URL             string        `koanf:"url" doc:"address of the SMS API"`
	SecretID        string        `koanf:"secret_id" doc:"name of the API key (SecretId); empty: this carrier is not used"`
	SecretKey       Secret        `koanf:"secret_key" doc:"its secret (SecretKey)"`
	SDKAppID        string        `koanf:"sdk_app_id" doc:"number of the SMS application (SdkAppId)"`
	SignName        string        `koanf:"sign_name" doc:"signature before each message, as filed there"`
	Region          string        `koanf:"region" doc:"region of the API"`
	CallbackToken   Secret        `koanf:"callback_token" doc:"last part of the addresses to which receipts and replies are sent; empty: none are taken there, set pull_receipts"`
	CallbackSources []string      `koanf:"callback_sources" doc:"addresses or networks from which they are taken; empty: any, the token alone decides"`
	PullReceipts    bool          `koanf:"pull_receipts" doc:"fetch receipts and replies instead: for an account without addresses to push to; the carrier has to switch it on"`
	Templates       Templates     `koanf:"templates"`
	Timeout         time.Duration `koanf:"timeout" doc:"time for one call"`
}

// Registry is someone else's, and in fact two sources.
type Registry struct {
	Cards           CardsSource `koanf:"cards"`
	Payments        Source      `koanf:"payments"`
	BudgetPerSecond int         `koanf:"budget_per_second" doc:"calls a second of all replicas together"`
	CompareHour     int         `koanf:"compare_hour" doc:"hour of the night (Asia/Shanghai) in which payments are compared with the registry's figures"`
}

// CardsSource is the side that takes commands too.
type CardsSource struct {
	Source
	Fence   bool          `koanf:"fence" doc:"the source refuses a lower card_seq than one it has seen; off: we read back before the next command"`
	Kind    string        `koanf:"kind" one_of:"feed,query" doc:"feed: the source keeps the contract (docs/registry-contract.md); query: it is asked person by person, with client_id and secret as name and password (section 8 there); do not go back to feed (docs/adr/0030)"`
	Form    string        `koanf:"form" one_of:"pipe,xml" doc:"for query: how its answers are written, and so how its services are called"`
	Charset string        `koanf:"charset" one_of:"utf-8,gb18030" doc:"for query: how its texts are written; gb18030 holds GBK"`
	City    string        `koanf:"city" doc:"for query: the city code that calls carry (GB/T 2260)"`
	Lists   string        `koanf:"lists" doc:"for query: file or address of the lists of banks and outlets, which such a source does not tell"`
	Settle  time.Duration `koanf:"settle" doc:"for query: an unanswered command is carried out there within so long, or never; ask who runs it"`
	GiveUp  time.Duration `koanf:"give_up" doc:"for query: a loss or release of unknown fate whose card the source does not show any more is asked about for so long, after a day once a day; then it ends as unresolved, is a case for a person, and its holder is told"`
	Poll    Poll          `koanf:"poll"`
}

// Poll says how often a source that is asked person by person is asked about whom.
type Poll struct {
	Open  time.Duration `koanf:"open" doc:"for query: between two questions about a person with an open loss report"`
	Work  time.Duration `koanf:"work" doc:"for query: the same, with an unfinished application"`
	Bound time.Duration `koanf:"bound" doc:"for query: the same, for everybody else who is bound, or read by a guardian or helper who is; 1.5 million people in 72h are 6 questions a second"`
	Fresh time.Duration `koanf:"fresh" doc:"for query: what is shown of a person may be so old; else she is asked about first"`
}

// Source is one side of the registry.
type Source struct {
	URL      string        `koanf:"url" doc:"base address, everything before /v1"`
	ClientID string        `koanf:"client_id" doc:"our name there"`
	Secret   Secret        `koanf:"secret" doc:"signs our requests and verifies the answers; 32 characters or more"`
	Timeout  time.Duration `koanf:"timeout" doc:"time for one call; the first attempt of a command has 2s of its own"`
	CertFile string        `koanf:"cert_file" doc:"our client certificate, PEM"`
	KeyFile  string        `koanf:"key_file" doc:"its private key, PEM"`
	CAFile   string        `koanf:"ca_file" doc:"who signed the source's certificate, PEM; empty: the machine's own list"`
}
