package bus

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// externalLease bounds how long a connection to an external cluster, which
// Disconnect cannot reach, lives without asking again.
const externalLease = 15 * time.Minute

// authorise answers one auth callout request. A request that cannot be read is
// not answered: the server then refuses the connection by itself.
func (b *Component) authorise(msg *nats.Msg) {
	request, err := jwt.DecodeAuthorizationRequestClaims(string(msg.Data))
	if err != nil {
		b.log.Warn("unreadable authorisation request", "error", err)
		return
	}
	agent, err := b.identify(request)
	response := jwt.NewAuthorizationResponseClaims(request.UserNkey)
	response.Audience = request.Server.ID
	if err == nil {
		response.Jwt, err = b.permit(request, agent)
	}
	if err != nil {
		b.log.Warn("agent refused", "key", request.ConnectOptions.Nkey, "reason", err)
		response.Error = "not authorised"
	}
	answer, err := response.Encode(b.issuer)
	if err != nil {
		b.log.Error("encode authorisation response", "error", err)
		return
	}
	if response.Error == "" {
		b.replace(agent, request)
	}
	if err := msg.Respond([]byte(answer)); err != nil {
		b.log.Warn("answer authorisation request", "error", err)
	}
}

// identify verifies that the peer holds the private key it names, then asks
// whose key that is. The server presents a nonce but leaves the signature to us.
func (b *Component) identify(request *jwt.AuthorizationRequestClaims) (string, error) {
	options, nonce := request.ConnectOptions, request.ClientInformation.Nonce
	if options.Nkey == "" || options.SignedNonce == "" || nonce == "" {
		return "", errors.New("no nkey, or no signature")
	}
	if !nkeys.IsValidPublicUserKey(options.Nkey) {
		return "", errors.New("not a public user nkey")
	}
	signature, err := base64.RawURLEncoding.DecodeString(options.SignedNonce)
	if err != nil {
		if signature, err = base64.StdEncoding.DecodeString(options.SignedNonce); err != nil {
			return "", errors.New("unreadable signature")
		}
	}
	key, err := nkeys.FromPublicKey(options.Nkey)
	if err != nil {
		return "", err
	}
	if err := key.Verify([]byte(nonce), signature); err != nil {
		return "", errors.New("the signature does not match the nonce")
	}
	admit := b.admit.Load()
	if admit == nil {
		return "", errors.New("agents are not admitted yet")
	}
	ctx, cancel := context.WithTimeout(b.closing, 5*time.Second)
	defer cancel()
	agent, err := (*admit)(ctx, options.Nkey)
	if err != nil {
		return "", err
	}
	if agent == "" || strings.ContainsAny(agent, ".*> \t\r\n") {
		return "", fmt.Errorf("agent id %q cannot be part of a subject", agent)
	}
	return agent, nil
}

// permit issues the user token: the subjects of this agent and nothing else.
func (b *Component) permit(request *jwt.AuthorizationRequestClaims, agent string) (string, error) {
	user := jwt.NewUserClaims(request.UserNkey)
	user.Name = agent
	user.Audience = b.cfg.Account
	user.Permissions.Pub.Allow.Add(Subject(agent, ">"))
	user.Permissions.Sub.Allow.Add(Subject(agent, ">"))
	if b.server == nil {
		user.Expires = time.Now().Add(externalLease).Unix()
	}
	return user.Encode(b.issuer)
}

// Subject is agent.<id>.<rest>.
func Subject(agent, rest string) string { return "agent." + agent + "." + rest }

// replace remembers the connection and ends the agent's earlier ones: two hosts
// with one identity (a cloned disk) must not both take its commands.
func (b *Component) replace(agent string, request *jwt.AuthorizationRequestClaims) {
	if b.server == nil || request.Server.ID != b.server.ID() {
		return
	}
	b.mu.Lock()
	earlier := b.clients[agent]
	b.clients[agent] = []uint64{request.ClientInformation.ID}
	b.mu.Unlock()
	b.end(agent, earlier)
}

// Disconnect ends the agent's connections: it must authenticate anew. On an
// external cluster connections end when their lease does, within 15 minutes.
func (b *Component) Disconnect(agent string) {
	b.mu.Lock()
	ids := b.clients[agent]
	delete(b.clients, agent)
	b.mu.Unlock()
	b.end(agent, ids)
}

func (b *Component) end(agent string, ids []uint64) {
	for _, id := range ids {
		if err := b.server.DisconnectClientByID(id); err == nil {
			b.log.Info("agent connection ended", "agent", agent)
		}
	}
}
