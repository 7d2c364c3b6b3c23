package identity_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/identity"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		_, c := b.user("una", identity.Grant{Role: auth.Auditor})
		var e struct{ Secret, URI string }
		c.want(http.StatusCreated, "POST", "/me/totp", nil, &e)
		if !strings.HasPrefix(e.URI, "otpauth://totp/Mainstay:una?") {
			t.Fatal(e.URI)
		}
		code := func() string {
			code, err := totp.GenerateCode(e.Secret, b.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			return code
		}
		enter := func(want int, code string) string {
			t.Helper()
			response, body := b.client().do("POST", "/session", signIn{"una", password, code})
			if response.StatusCode != want {
				t.Fatalf("with code %q: %d, not %d: %s", code, response.StatusCode, want, body)
			}
			return string(body)
		}
		enter(http.StatusCreated, "") // not confirmed yet
		c.want(http.StatusUnauthorized, "POST", "/me/totp/confirm", map[string]string{"code": "000000"}, nil)
		var recovery struct{ RecoveryCodes []string }
		c.want(http.StatusOK, "POST", "/me/totp/confirm", map[string]string{"code": code()}, &recovery)
		if len(recovery.RecoveryCodes) != 10 {
			t.Fatalf("%d recovery codes", len(recovery.RecoveryCodes))
		}
		if body := enter(http.StatusUnauthorized, ""); !strings.Contains(body, `"field":"code"`) {
			t.Fatalf("it does not ask for the code: %s", body)
		}
		enter(http.StatusUnauthorized, code()) // used for the confirmation
		b.clock.Advance(30 * time.Second)
		enter(http.StatusCreated, code())
		enter(http.StatusUnauthorized, code())
		b.clock.Advance(5 * time.Minute)
		enter(http.StatusCreated, strings.ToUpper(recovery.RecoveryCodes[3]))
		enter(http.StatusUnauthorized, recovery.RecoveryCodes[3])
		c.want(http.StatusNoContent, "POST", "/me/totp/remove", map[string]string{"code": code()}, nil)
		enter(http.StatusCreated, "")
	})
}
