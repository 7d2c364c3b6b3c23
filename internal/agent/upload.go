package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mainstay/internal/platform/agents/protocol"
)

const (
	batchBytes    = 512 << 10 // of data before compression
	receiptWait   = 30 * time.Second
	retryFirst    = 500 * time.Millisecond
	retryMost     = 15 * time.Second
	idleLookEvery = 30 * time.Second
)

// upload delivers the queue, in order, as long as the agent runs.
func (a *Component) upload(ctx context.Context) {
	delay := retryFirst
	for {
		more, err := a.deliver(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			a.log.Debug("records wait", "error", err)
			a.rest(ctx, delay)
			delay = min(2*delay, retryMost)
			continue
		case more:
			delay = retryFirst
			continue
		}
		delay = retryFirst
		look := a.deps.Clock.NewTimer(idleLookEvery)
		select {
		case <-ctx.Done():
		case <-a.queue.News():
		case <-look.C():
		}
		look.Stop()
	}
}

// rest waits before the next attempt, or until the connection is back.
func (a *Component) rest(ctx context.Context, d time.Duration) {
	timer := a.deps.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C():
	case <-a.uploadNow:
	}
}

// deliver sends one batch and takes its receipt. more says that there may be
// another batch.
func (a *Component) deliver(ctx context.Context) (more bool, err error) {
	if !a.conn.IsConnected() {
		return false, errNotConnected
	}
	batch, data, err := a.pack()
	if err != nil || len(batch.Records) == 0 {
		return false, err
	}
	answer, err := a.request(ctx, protocol.UpSubject(a.identity.Agent), data, receiptWait)
	if err != nil {
		return false, err
	}
	var receipt protocol.Receipt
	if err := json.Unmarshal(answer.Data, &receipt); err != nil {
		return false, fmt.Errorf("read the receipt: %w", err)
	}
	if receipt.Rejected > 0 {
		a.log.Warn("the server could not use some records", "count", receipt.Rejected)
	}
	if err := a.queue.Ack(receipt.Accepted); err != nil {
		return false, err
	}
	if receipt.Error != "" {
		return false, errors.New(receipt.Error)
	}
	if receipt.Accepted < batch.Records[0].Seq {
		return false, errors.New("the server accepted nothing")
	}
	return true, nil
}

// pack takes a batch from the queue that fits one message. A single record that
// does not fit is given up: it would block all that follow.
func (a *Component) pack() (protocol.Batch, []byte, error) {
	for budget := batchBytes; ; budget /= 4 {
		batch, err := a.queue.Batch(budget)
		if err != nil || len(batch.Records) == 0 {
			return batch, nil, err
		}
		data, err := batch.Pack()
		if err != nil {
			return batch, nil, err
		}
		if int64(len(data)) <= a.conn.MaxPayload() {
			return batch, data, nil
		}
		if len(batch.Records) == 1 {
			a.log.Error("a record is too large for the bus and is given up", "kind", batch.Records[0].Kind, "bytes", len(data), "limit", a.conn.MaxPayload())
			if err := a.queue.Ack(batch.Records[0].Seq); err != nil {
				return batch, nil, err
			}
			return protocol.Batch{}, nil, errors.New("gave a record up")
		}
	}
}
