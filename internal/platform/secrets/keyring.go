package secrets

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"mainstay/internal/core"
)

// keyPrefix begins every key in the file and in the environment.
const keyPrefix = "mainstay-key-1:"

type key struct {
	id     string // first 8 bytes of its SHA-256, in hex: stored beside what it sealed
	secret []byte
}

// keyring holds the keys. The first seals; all open. It is safe for concurrent use.
type keyring struct {
	path string // "" when the keys come from the environment

	mu   sync.RWMutex
	keys []key
}

// loadKeyring reads the keys from text, else from the file at path, which is
// created with a fresh key when it is missing.
func loadKeyring(path, text string) (ring *keyring, created bool, err error) {
	if text != "" {
		keys, err := parseKeys([]byte(text))
		return &keyring{keys: keys}, false, err
	}
	ring = &keyring{path: path}
	if err = ring.reload(); errors.Is(err, fs.ErrNotExist) {
		created = true
		// Another process may be creating it too: whoever links first wins, and both read the winner's.
		if err = writeKeys(path, []key{newKey()}, os.Link); err == nil || errors.Is(err, fs.ErrExist) {
			err = ring.reload()
		}
	}
	return ring, created, err
}

// reload reads the file again, for the keys another process has added.
func (r *keyring) reload() error {
	if r.path == "" {
		return nil
	}
	info, err := os.Stat(r.path)
	if err != nil {
		return fmt.Errorf("secrets: key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return core.Errorf(core.CodeInvalid, "%s is readable by others; run: chmod 600 %s", r.path, r.path)
	}
	text, err := os.ReadFile(r.path)
	if err != nil {
		return fmt.Errorf("secrets: key file: %w", err)
	}
	keys, err := parseKeys(text)
	if err != nil {
		return fmt.Errorf("%s: %w", r.path, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = keys
	return nil
}

// replace writes the keys to the file and uses them.
func (r *keyring) replace(keys []key) error {
	if err := writeKeys(r.path, keys, os.Rename); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = keys
	return nil
}

func (r *keyring) all() []key {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys
}

func (r *keyring) find(id string) (key, bool) {
	for _, k := range r.all() {
		if k.id == id {
			return k, true
		}
	}
	return key{}, false
}

// require returns the key, if need be from the file as it is now.
func (r *keyring) require(id string) (key, error) {
	if k, ok := r.find(id); ok {
		return k, nil
	}
	if err := r.reload(); err != nil {
		return key{}, err
	}
	k, ok := r.find(id)
	if !ok {
		return key{}, core.Errorf(core.CodeUnavailable, "the key %s of the secrets is missing; restore it to the key file", id)
	}
	return k, nil
}

// seal encrypts value; bound is not kept but must be given again to open it.
func (k key) seal(value []byte, bound string) []byte {
	aead, err := chacha20poly1305.NewX(k.secret)
	if err != nil {
		panic("secrets: " + err.Error()) // parseKeys lets no key of another length in
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(value)+aead.Overhead())
	rand.Read(nonce) // never fails: crypto/rand, since Go 1.24
	return aead.Seal(nonce, nonce, value, []byte(bound))
}

func (r *keyring) open(keyID string, sealed []byte, bound string) ([]byte, error) {
	k, err := r.require(keyID)
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(k.secret)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, errors.New("secrets: a sealed value is cut short")
	}
	value, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(bound))
	if err != nil {
		return nil, errors.New("secrets: a sealed value was altered or moved")
	}
	return value, nil
}

func newKey() key {
	secret := make([]byte, chacha20poly1305.KeySize)
	rand.Read(secret)
	return makeKey(secret)
}

func makeKey(secret []byte) key {
	sum := sha256.Sum256(secret)
	return key{hex.EncodeToString(sum[:8]), secret}
}

// parseKeys reads keys separated by white space or commas; # begins a comment.
func parseKeys(text []byte) ([]key, error) {
	var keys []key
	for line := range bytes.Lines(text) {
		line, _, _ = bytes.Cut(line, []byte("#"))
		for _, word := range strings.Fields(strings.ReplaceAll(string(line), ",", " ")) {
			secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(word, keyPrefix))
			if err != nil || !strings.HasPrefix(word, keyPrefix) || len(secret) != chacha20poly1305.KeySize {
				return nil, core.Errorf(core.CodeInvalid, "a key must be %s and 32 bytes in base64", keyPrefix)
			}
			keys = append(keys, makeKey(secret))
		}
	}
	if len(keys) == 0 {
		return nil, core.Errorf(core.CodeInvalid, "there is no key")
	}
	return keys, nil
}

// writeKeys puts the file in place complete or not at all: place is os.Link to
// create it, os.Rename to replace it.
func writeKeys(path string, keys []key, place func(from, to string) error) error {
	var text bytes.Buffer
	text.WriteString("# Mainstay's keys: the first seals, all open. Without them the secrets are lost.\n")
	for _, k := range keys {
		fmt.Fprintf(&text, "%s%s\n", keyPrefix, base64.StdEncoding.EncodeToString(k.secret))
	}
	dir := filepath.Dir(path)
	temporary, err := os.CreateTemp(dir, ".secret.key-") // mode 0600
	if err != nil {
		return fmt.Errorf("secrets: write key file: %w", err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(text.Bytes())
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err == nil {
		err = place(temporary.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("secrets: write key file: %w", err)
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
