package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

// deliverLogs hands a batch of log records to the server. The same batch is
// taken once, however often it is sent, unless the server starts in between.
func (a *Component) deliverLogs(ctx context.Context, batch protocol.LogBatch) (refused int, err error) {
	data, err := json.Marshal(batch)
	if err != nil {
		return 0, err
	}
	packed, err := protocol.Batch{Epoch: batch.Epoch, Records: []protocol.Record{{Seq: batch.Seq, Kind: protocol.KindLogs, Data: data}}}.Pack()
	if err != nil {
		return 0, err
	}
	if !a.conn.IsConnected() {
		return 0, errors.New("the server is not connected; what is written meanwhile stays in its files")
	}
	if limit := a.conn.MaxPayload(); int64(len(packed)) > limit {
		a.log.Error("log records are too large for the bus and are given up", "source", batch.Source, "records", len(batch.Records), "bytes", len(packed), "limit", limit)
		return len(batch.Records), nil
	}
	answer, err := a.request(ctx, protocol.UpSubject(a.identity.Agent), packed, receiptWait)
	if err != nil {
		return 0, fmt.Errorf("the server gave no receipt: %w", err)
	}
	var receipt protocol.Receipt
	if err := json.Unmarshal(answer.Data, &receipt); err != nil {
		return 0, fmt.Errorf("read the receipt: %w", err)
	}
	switch {
	case receipt.Accepted >= batch.Seq:
		return int(min(receipt.Rejected, uint64(len(batch.Records)))), nil
	case receipt.Error != "":
		return 0, errors.New(receipt.Error)
	}
	return 0, errors.New("the server accepted nothing")
}

// permitLogFile applies the policy of the host to a file.
func (a *Component) permitLogFile(path string) error {
	current, err := a.policy.Current()
	if err != nil {
		return core.Errorf(core.CodeForbidden, "refused: %v", err)
	}
	return current.LogFile(path)
}

func (a *Component) permitJournal() error {
	current, err := a.policy.Current()
	if err != nil {
		return core.Errorf(core.CodeForbidden, "refused: %v", err)
	}
	return current.LogJournal()
}
