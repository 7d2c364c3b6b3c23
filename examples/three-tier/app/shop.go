package main

import (
	"context"
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// patience is how long a page waits for the database.
const patience = 2 * time.Second

type product struct {
	Name  string `json:"name"`
	Price int64  `json:"priceCents"`
	Stock int    `json:"stock"`
}

// Euros is the price for people.
func (p product) Euros() float64 { return float64(p.Price) / 100 }

type shop struct {
	pool *pgxpool.Pool
	log  *slog.Logger
	page *template.Template
}

func newShop(pool *pgxpool.Pool, log *slog.Logger) *shop {
	return &shop{pool, log, template.Must(template.New("page").Parse(pageText))}
}

func (s *shop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showPage)
	mux.HandleFunc("GET /api/products", s.listProducts)
	// The process alone: it is well without its database.
	mux.HandleFunc("GET /alive", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("alive\n")) })
	return mux
}

func (s *shop) products(ctx context.Context) ([]product, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, err := s.query(ctx)
	if err != nil && ctx.Err() == nil {
		// Connections that a restart of the database has cut fail once each.
		s.pool.Reset()
		found, err = s.query(ctx)
	}
	return found, err
}

func (s *shop) query(ctx context.Context) ([]product, error) {
	rows, err := s.pool.Query(ctx, `SELECT name, price_cents, stock FROM product ORDER BY name`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p product, err error) {
		err = row.Scan(&p.Name, &p.Price, &p.Stock)
		return p, err
	})
}

func (s *shop) showPage(w http.ResponseWriter, r *http.Request) {
	found, err := s.products(r.Context())
	if err != nil {
		s.closed(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := s.page.Execute(w, found); err != nil {
		s.log.Warn("a page was cut short", "error", err)
	}
}

func (s *shop) listProducts(w http.ResponseWriter, r *http.Request) {
	found, err := s.products(r.Context())
	if err != nil {
		s.closed(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(found)
}

func (s *shop) closed(w http.ResponseWriter, err error) {
	s.log.Error("the database does not answer", "error", err)
	http.Error(w, "The shop is closed: its database does not answer.", http.StatusServiceUnavailable)
}

const pageText = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Web shop</title>
<h1>Web shop</h1>
<table>
<tr><th>Product<th>Price<th>In stock</tr>
{{range .}}<tr><td>{{.Name}}<td>{{printf "%.2f €" .Euros}}<td>{{.Stock}}</tr>
{{end}}</table>
</html>
`
