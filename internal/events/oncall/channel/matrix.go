package channel

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"strings"
)

// matrixSender puts an event into a room (spec.matrix.org, client-server API,
// "PUT /rooms/{roomId}/send"): the delivery's id is the transaction's, so a
// server takes a repeated try once. To is the room's id.
type matrixSender struct{ way }

func (s matrixSender) Send(ctx context.Context, m Message) (Receipt, error) {
	address, err := s.address(ctx, "")
	if err != nil {
		return Receipt{}, err
	}
	token, err := s.reveal(ctx, s.spec.Secret)
	if err != nil {
		return Receipt{}, err
	}
	room, err := s.to(m)
	if err != nil {
		return Receipt{}, err
	}
	subject, text, err := s.spec.both(m)
	if err != nil {
		return Receipt{}, err
	}
	formatted := "<strong>" + html.EscapeString(subject) + "</strong><br>" + strings.ReplaceAll(html.EscapeString(text), "\n", "<br>")
	for _, l := range m.links() {
		formatted += ` <a href="` + html.EscapeString(l.url) + `">` + l.label + "</a>"
	}
	return s.sendJSON(ctx, http.MethodPut, strings.TrimSuffix(address, "/")+"/_matrix/client/v3/rooms/"+url.PathEscape(room)+"/send/m.room.message/"+url.PathEscape(m.ID),
		map[string]string{"Authorization": "Bearer " + token},
		map[string]string{"msgtype": "m.text", "body": subject + "\n" + text + "\n" + linkLines(m), "format": "org.matrix.custom.html", "formatted_body": formatted}, token)
}
