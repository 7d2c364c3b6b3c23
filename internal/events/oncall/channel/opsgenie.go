package channel

import (
	"context"
	"net/url"
	"strings"
)

// opsgenieSender hands a situation to Opsgenie (Alert API v2). The situation's
// id is the alias; acknowledging and closing follow it.
type opsgenieSender struct{ way }

func (s opsgenieSender) Send(ctx context.Context, m Message) (Receipt, error) {
	address, err := s.address(ctx, "https://api.opsgenie.com")
	if err != nil {
		return Receipt{}, err
	}
	key, err := s.reveal(ctx, s.spec.Secret)
	if err != nil {
		return Receipt{}, err
	}
	subject, text, err := s.spec.both(m)
	if err != nil {
		return Receipt{}, err
	}
	alias := m.Situation
	if alias == "" {
		alias = m.ID
	}
	address = strings.TrimSuffix(address, "/") + "/v2/alerts"
	headers := map[string]string{"Authorization": "GenieKey " + key}
	if verb := map[Purpose]string{Acknowledged: "acknowledge", Resolved: "close"}[m.Purpose]; verb != "" {
		return s.post(ctx, address+"/"+url.PathEscape(alias)+"/"+verb+"?identifierType=alias", headers, map[string]any{"source": "Mainstay"}, key)
	}
	priority := map[string]string{"critical": "P1", "major": "P2", "minor": "P3", "warning": "P4"}[m.Severity.String()]
	if priority == "" {
		priority = "P5"
	}
	return s.post(ctx, address, headers, map[string]any{"message": short(130, subject), "alias": alias, "description": short(15_000, text+"\n\n"+m.URL),
		"priority": priority, "source": "Mainstay"}, key)
}
