// Package configs is what an operator can set: one struct, filled from defaults, then a YAML file, then the environment.
//
// The name of each environment variable is computed from the struct: http.addr is ONECARD_HTTP_ADDR, and
// registry.cards.url is ONECARD_REGISTRY_CARDS_URL. A secret may also come from a file: ONECARD_KEYS_KEK_FILE names it.
// Entries of a list are numbered from 0: ONECARD_WECHAT_APPS_0_SECRET. docs/configuration.md is generated from here.
package configs

import "time"

// Mode says whom the program serves.
type Mode string

// The modes.
const (
	ModeDev        Mode = "dev"
	ModeProduction Mode = "production"
)

// Config is every setting of the program. The doc tag is the sentence in docs/configuration.md; the one_of tag lists
// the words a setting may have.
type Config struct {
	Mode      Mode      `koanf:"mode" one_of:"dev,production" doc:"production refuses every convenience of dev"`
	DataDir   string    `koanf:"data_dir" doc:"folder for the SQLite file, uploads and the demo city"`
	SpoolDir  string    `koanf:"spool_dir" doc:"folder in which batches of payments are sorted before they are stored; about 250 MB for a million lines; empty: spool in data_dir"`
	HTTP      HTTP      `koanf:"http"`
	Site      Site      `koanf:"site"`
	Sandbox   Sandbox   `koanf:"sandbox"`
	Database  Database  `koanf:"database"`
	Redis     Redis     `koanf:"redis"`
	Keys      Keys      `koanf:"keys"`
	Wechat    Wechat    `koanf:"wechat"`
	WechatPay WechatPay `koanf:"wechat_pay"`
	NonTax    NonTax    `koanf:"non_tax"`
	Alipay    Alipay    `koanf:"alipay"`
	SMS       SMS       `koanf:"sms"`
	Registry  Registry  `koanf:"registry"`
	Telephone Telephone `koanf:"telephone"`
	Objects   Objects   `koanf:"objects"`
	Pictures  Pictures  `koanf:"pictures"`
	OIDC      OIDC      `koanf:"oidc"`
	Orders    Orders    `koanf:"orders"`
	Knowledge Knowledge `koanf:"knowledge"`
	Staff     Staff     `koanf:"staff"`
	Calls     Calls     `koanf:"calls"`
	Memory    Memory    `koanf:"memory"`
	Log       Log       `koanf:"log"`
}

// HTTP is how we are reached.
type HTTP struct {
	Addr              string        `koanf:"addr" doc:"address of the API and the pages; port 0 takes a free one"`
	PublicURL         string        `koanf:"public_url" doc:"address citizens see; empty in dev: the listener's own"`
	DocsHost          string        `koanf:"docs_host" doc:"host name under which /docs is answered; empty: every host in dev, none in production"`
	MetricsAddr       string        `koanf:"metrics_addr" doc:"separate listener for /metrics; empty: none"`
	TrustedProxies    []string      `koanf:"trusted_proxies" doc:"addresses or networks whose X-Forwarded-For is believed; empty: nobody's"`
	ReadHeaderTimeout time.Duration `koanf:"read_header_timeout" doc:"time for a client to send its headers"`
	ReadTimeout       time.Duration `koanf:"read_timeout" doc:"time for a client to send a whole request"`
	WriteTimeout      time.Duration `koanf:"write_timeout" doc:"time to answer a request"`
	IdleTimeout       time.Duration `koanf:"idle_timeout" doc:"time an unused connection is kept"`
	DrainWait         time.Duration `koanf:"drain_wait" doc:"at a stop: time between failing /readyz and closing the listener"`
	FinishTimeout     time.Duration `koanf:"finish_timeout" doc:"at a stop: time for running requests to finish"`
	JobStopTimeout    time.Duration `koanf:"job_stop_timeout" doc:"at a stop: time for running jobs to finish"`
	Limits            Limits        `koanf:"limits"`
}

// Site is what stands at the foot of every citizens' page.
type Site struct {
	Organiser string `koanf:"organiser" doc:"主办单位: who runs the service, in full"`
	Filing    string `koanf:"filing" doc:"the line of the filing with the public security or of the government site's number (公安备案号, 政府网站标识码), as it is to be shown; empty: none"`
	ICP       string `koanf:"icp" doc:"ICP备案号 of the domain, as it is to be shown"`
	Hotline   string `koanf:"hotline" doc:"telephone of the hotline"`
}

// Limits are requests a minute.
type Limits struct {
	Reads       int `koanf:"reads" doc:"reads a minute for one person, or one session before binding"`
	Writes      int `koanf:"writes" doc:"writes a minute for one person, or one session before binding"`
	GuestReads  int `koanf:"guest_reads" doc:"reads a minute from one address without a login; loose, a city sits behind few carrier addresses"`
	GuestWrites int `koanf:"guest_writes" doc:"writes a minute from one address without a login"`
}

// Sandbox is the desk: the pretend platforms and the demo city.
type Sandbox struct {
	Enabled    bool   `koanf:"enabled" doc:"serve the pretend platforms and speak to them; never in production"`
	URL        string `koanf:"url" doc:"address of a desk that another process serves; fills the empty outside addresses; never in production"`
	Addr       string `koanf:"addr" doc:"address of the desk; port 0 takes a free one"`
	Seed       int64  `koanf:"seed" doc:"the demo city is a function of this and of the start month"`
	StartMonth string `koanf:"start_month" doc:"2021-12; empty: the month of the first start, kept in the data folder"`
	Fence      bool   `koanf:"fence" doc:"the pretend registry refuses a lower card_seq than one it has seen"`
	DemoAgent  bool   `koanf:"demo_agent" doc:"make the hotline agent, the two reviewers, the administrator and the auditor whose passwords are printed at start; never in production"`
}

// Database is where everything is kept that must not be forgotten.
type Database struct {
	Driver           string        `koanf:"driver" one_of:"sqlite,postgres" doc:"sqlite is for dev only"`
	DSN              Secret        `koanf:"dsn" doc:"postgres://...; for sqlite a file name, empty: onecard.db in the data folder"`
	MaxConns         int           `koanf:"max_conns" doc:"connections to PostgreSQL from this process"`
	ReadSlots        int           `koanf:"read_slots" doc:"lists of arrivals read at once by this process when they are not ready in Redis; keep it well below max_conns, the other connections are for those who report a loss"`
	LockTimeout      time.Duration `koanf:"lock_timeout" doc:"longest wait for a lock; a repeat with one Idempotency-Key gets REQUEST_IN_PROGRESS after it"`
	StatementTimeout time.Duration `koanf:"statement_timeout" doc:"longest run of one statement"`
}

// Redis holds copies and what may be lost.
type Redis struct {
	Kind        string        `koanf:"kind" one_of:"in_process,server" doc:"in_process is for dev only"`
	Addr        string        `koanf:"addr" doc:"host:port of the server"`
	Username    string        `koanf:"username" doc:"user of the server's access list; empty: the default user"`
	Password    Secret        `koanf:"password" doc:"password of that user"`
	TLS         bool          `koanf:"tls" doc:"speak TLS to the server"`
	DB          int           `koanf:"db" doc:"database number"`
	Prefix      string        `koanf:"prefix" doc:"put before every key, so that several installations share a server"`
	DialTimeout time.Duration `koanf:"dial_timeout" doc:"time to connect; low, because every answer goes on without Redis"`
	Timeout     time.Duration `koanf:"timeout" doc:"time for one command"`
	PoolSize    int           `koanf:"pool_size" doc:"connections from this process"`
}

// Keys are 32 random bytes each, all different, kept outside the database.
type Keys struct {
	KEK         Key        `koanf:"kek" doc:"wraps the data keys that seal personal columns"`
	KEKPrevious Key        `koanf:"kek_previous" doc:"the kek before it, while onecard keys rotate is under way; empty otherwise"`
	Index       []IndexKey `koanf:"index" doc:"keys of the look-up indexes and of one-time codes; all are read, the highest version is written"`
	Audit       Key        `koanf:"audit" doc:"HMAC of audit rows and their seals"`
	Idempotency Key        `koanf:"idempotency" doc:"HMAC of idempotency keys and of the bodies they came with"`
	Cursor      Key        `koanf:"cursor" doc:"MAC of list cursors, of request bodies at the edge, and of the names under which limits are counted; ready answers in Redis are sealed under a key made from it"`
}

// IndexKey is one version of the look-up key. Rotate by adding the next version, onecard keys rotate, then dropping the old one.
type IndexKey struct {
	Version int `koanf:"version" doc:"1 and up"`
	Key     Key `koanf:"key" doc:"32 bytes"`
}

// Objects is where uploads are kept.
type Objects struct {
	Kind   string `koanf:"kind" one_of:"folder,s3" doc:"a folder every replica sees, or an S3-compatible store"`
	Folder string `koanf:"folder" doc:"for folder; empty: objects in the data folder"`
	S3     S3     `koanf:"s3"`

	KeepAfterEnd time.Duration `koanf:"keep_after_end" doc:"pictures of an application are deleted so long after its end, once the archive has it (onecard archive confirm)"`
}

// Orders is how work orders go to departments without a log-in.
type Orders struct {
	Districts []OrderDistrict `koanf:"districts" doc:"districts whose department gets its work orders as a signed file (onecard orders)"`
}

// OrderDistrict is one department's district, and the key it shares with us.
type OrderDistrict struct {
	Department string `koanf:"department" doc:"as the catalogue of programmes names it"`
	District   string `koanf:"district" doc:"six digits"`
	Key        Key    `koanf:"key" doc:"signs both files (HMAC-SM3); 32 bytes"`
}

// Key is the key of a department's district; nil where it has none.
func (o Orders) Key(department, district string) []byte {
	for _, d := range o.Districts {
		if d.Department == department && d.District == district {
			return d.Key.Bytes()
		}
	}
	return nil
}

// Pictures bounds what uploads take from the other requests of this process.
type Pictures struct {
	AtOnce  int `koanf:"at_once" doc:"uploaded pictures worked on at once, each of which keeps a processor busy for some tenths of a second; 0: half of the processors"`
	Waiting int `koanf:"waiting" doc:"uploaded pictures that may wait for that; more are answered 503 with Retry-After"`
}

// Knowledge bounds what articles of the knowledge base may do.
type Knowledge struct {
	LinkHosts []string `koanf:"link_hosts" doc:"host names to which an article may link by https, besides our own pages; empty: none"`
}

// S3 is an S3-compatible store.
type S3 struct {
	URL       string `koanf:"url" doc:"address of the store, without bucket"`
	Region    string `koanf:"region" doc:"region that requests are signed for; stores without regions take us-east-1"`
	Bucket    string `koanf:"bucket" doc:"bucket of this installation"`
	AccessKey string `koanf:"access_key" doc:"name of the access key"`
	SecretKey Secret `koanf:"secret_key" doc:"its secret"`
	PathStyle bool   `koanf:"path_style" doc:"the bucket is part of the path (MinIO), not of the host name"`
	CAFile    string `koanf:"ca_file" doc:"who signed the store's certificate, PEM; empty: the machine's own list"`

	Timeout time.Duration `koanf:"timeout" doc:"time for one call, its repeats included"`
}

// OIDC is the provincial login.
type OIDC struct {
	URL          string `koanf:"url" doc:"issuer of the provincial login; empty: this way to level real is closed"`
	ClientID     string `koanf:"client_id" doc:"our name there"`
	ClientSecret Secret `koanf:"client_secret" doc:"our secret there"`
}

// Memory is how a process that only answers requests (serve) trades memory for processor time. Its heap is small and
// nearly all of it dies with a request, so collecting it less often costs some MiB. GOGC and GOMEMLIMIT, where set, count instead.
type Memory struct {
	GCPercent int `koanf:"gc_percent" doc:"serve: how far the heap may grow between two collections, in percent of what is alive"`
	LimitMiB  int `koanf:"limit_mib" doc:"serve: near so much memory collections come more often, whatever gc_percent says"`
}

// Log is what is written to standard error.
type Log struct {
	Level  string `koanf:"level" one_of:"debug,info,warn,error" doc:"lowest level written"`
	Format string `koanf:"format" one_of:"json,text" doc:"json for machines, text for people"`
	Sample int    `koanf:"sample" doc:"of successful reads one in this many is logged; refusals and writes always are"`
}
