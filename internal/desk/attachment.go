package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Attachment is a file that belongs to an incident.
type Attachment struct {
	ID     string       `json:"id"`
	At     time.Time    `json:"at"`
	Author ledger.Actor `json:"author"`
	Public bool         `json:"public" doc:"The requester sees it too"`
	Name   string       `json:"name"`
	Type   string       `json:"type" doc:"As its content shows, whatever the sender said"`
	Size   int64        `json:"size"`
	SHA256 string       `json:"sha256"`
}

// files keeps content under the hash of it, so that equal files are kept once
// and a file never changes under its name.
type files struct {
	dir   string
	max   int64
	clock core.Clock
	busy  *sync.Mutex // a file is either found again or swept
}

func (f files) path(sum string) string { return filepath.Join(f.dir, sum[:2], sum) }

// put stores content and returns its hash. The file is complete and synced
// before it has its name.
func (f files) put(content []byte) (string, error) {
	if int64(len(content)) > f.max {
		return "", core.Errorf(core.CodeTooLarge, "a file may have at most %d bytes", f.max)
	}
	digest := sha256.Sum256(content)
	sum := hex.EncodeToString(digest[:])
	path := f.path(sum)
	if f.found(path) {
		return sum, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return "", err
	}
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		os.Remove(temporary.Name())
	}
	return sum, err
}

// found says whether the file is there, and makes it young: it is about to be
// attached again.
func (f files) found(path string) bool {
	f.busy.Lock()
	defer f.busy.Unlock()
	if _, err := os.Stat(path); err != nil {
		return false
	}
	now := f.clock.Now()
	return os.Chtimes(path, now, now) == nil
}

// shown are the types a browser may show; everything else is only saved.
var shown = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"}

// sniff says what content is by its first bytes (WHATWG MIME Sniffing). What
// a browser could run is never called so.
func sniff(content []byte) string {
	base, _, err := mime.ParseMediaType(http.DetectContentType(content))
	if err != nil || !slices.Contains(shown, base) && !strings.HasPrefix(base, "application/") {
		return "application/octet-stream"
	}
	if base == "text/plain" && bytes.IndexByte(content[:min(len(content), 512)], 0) >= 0 {
		return "application/octet-stream"
	}
	return base
}

// fileName keeps the last part of a name and drops what a header or a file
// system would stumble over.
func fileName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`<>:"|?*`, r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	for len(name) > 200 {
		_, size := lastRune(name)
		name = name[:len(name)-size]
	}
	if name == "" {
		return "file"
	}
	return name
}

func lastRune(s string) (rune, int) {
	runes := []rune(s)
	last := runes[len(runes)-1]
	return last, len(string(last))
}

// serve answers with a file, in a way that keeps it from acting on this site.
func (f files) serve(w http.ResponseWriter, r *http.Request, a Attachment) error {
	file, err := os.Open(f.path(a.SHA256))
	if err != nil {
		return &core.Error{Code: core.CodeNotFound, Message: "the file is not there any more", Cause: err}
	}
	defer file.Close()
	disposition, contentType := "attachment", "application/octet-stream"
	if slices.Contains(shown, a.Type) {
		contentType = a.Type
		if strings.HasPrefix(a.Type, "image/") {
			disposition = "inline"
		}
		if a.Type == "text/plain" {
			contentType += "; charset=utf-8"
		}
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": a.Name}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, max-age=3600, immutable")
	h.Set("ETag", `"`+a.SHA256+`"`)
	http.ServeContent(w, r, "", a.At, file)
	return nil
}

const attachmentColumns = "id, at, author_kind, author, author_name, public, name, type, size, sha256"

func scanAttachment(scan func(...any) error) (a Attachment, err error) {
	var at int64
	err = scan(&a.ID, &at, &a.Author.Kind, &a.Author.ID, &a.Author.Name, &a.Public, &a.Name, &a.Type, &a.Size, &a.SHA256)
	a.At = core.FromMicros(at)
	return a, err
}

func (s store) attachments(ctx context.Context, q sqldb.Querier, incident string) ([]Attachment, error) {
	rows, err := q.Query(ctx, "SELECT "+attachmentColumns+" FROM desk_attachment WHERE incident = $1 ORDER BY id", incident)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (Attachment, error) { return scanAttachment(r.Scan) })
}

func (s store) attachment(ctx context.Context, q sqldb.Querier, incident, id string) (Attachment, error) {
	a, err := scanAttachment(q.QueryRow(ctx, "SELECT "+attachmentColumns+" FROM desk_attachment WHERE incident = $1 AND id = $2", incident, id).Scan)
	if errors.Is(err, sqldb.ErrNoRows) {
		err = core.NotFound("attachment", id)
	}
	return a, err
}

func (s store) addAttachment(ctx context.Context, tx *sqldb.Tx, incident string, a Attachment) error {
	_, err := tx.Exec(ctx, "INSERT INTO desk_attachment (incident, "+attachmentColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
		incident, a.ID, core.Micros(a.At), a.Author.Kind, a.Author.ID, a.Author.Name, a.Public, a.Name, a.Type, a.Size, a.SHA256)
	return err
}
