package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/nats-io/nkeys"
)

// identity is who the agent is to its server.
type identity struct {
	Agent  string `json:"agent"`
	Name   string `json:"name"`
	Server string `json:"server"`
}

func (a *Component) identityPath() string { return filepath.Join(a.cfg.Data, "identity.json") }

func readIdentity(path string) (identity, error) {
	var id identity
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return id, nil
	}
	if err != nil {
		return id, err
	}
	if err := json.Unmarshal(data, &id); err != nil {
		return id, fmt.Errorf("%s: %w", path, err)
	}
	return id, nil
}

// writeSecret replaces a file so that a crash leaves the old one or the new one.
func writeSecret(path string, data []byte) error {
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// keys is the agent's nkey pair.
type keys struct {
	pair   nkeys.KeyPair
	public string
}

// loadKeys reads the seed, making one at the first start. The private key
// never leaves the host.
func loadKeys(path string) (*keys, error) {
	seed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		pair, err := nkeys.CreateUser()
		if err != nil {
			return nil, err
		}
		if seed, err = pair.Seed(); err != nil {
			return nil, err
		}
		if err := writeSecret(path, append(seed, '\n')); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	pair, err := nkeys.FromSeed([]byte(strings.TrimSpace(string(seed))))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		return nil, err
	}
	return &keys{pair: pair, public: public}, nil
}
