package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"mainstay/internal/core"
)

// maintenanceView is what the commands print of a window.
type maintenanceView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Spec struct {
		Reason string `json:"reason,omitempty"`
	} `json:"spec"`
	Active  bool       `json:"active"`
	NextEnd *time.Time `json:"nextEnd,omitempty"`
}

// maintenanceCommand begins and ends maintenance from scripts.
func maintenanceCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "maintenance", Short: "Begin, extend and end maintenance, and change one occurrence of it"}
	cmd.AddCommand(maintenanceStart(), maintenanceMove("end", "End maintenance that is on, now"), maintenanceMove("extend", "Let maintenance that is on end later"),
		maintenanceOccurrences(), maintenanceChange("cancel", "Cancel one occurrence of a recurring window"), maintenanceChange("move", "Have one occurrence of a recurring window at another time"),
		maintenanceChange("restore", "Have one occurrence as the recurrence says again"))
	return cmd
}

func maintenanceStart() *cobra.Command {
	cmd := &cobra.Command{Use: "start", Short: "Begin maintenance now and print its id", Args: cobra.NoArgs,
		Example: `  id=$(mainstay maintenance start --for 30m --reason "release 42" --selector "class=host and name~web")
  mainstay maintenance end "$id"`}
	c, format := clientFlags(cmd), outputFlag(cmd)
	var want struct {
		Name     string   `json:"name,omitempty"`
		Reason   string   `json:"reason"`
		Minutes  int      `json:"minutes"`
		Team     string   `json:"team,omitempty"`
		Items    []string `json:"items,omitempty"`
		Selector string   `json:"selector,omitempty"`
		Below    bool     `json:"below,omitempty"`
		All      bool     `json:"all,omitempty"`
	}
	length, key := time.Duration(0), ""
	flags := cmd.Flags()
	flags.DurationVar(&length, "for", 30*time.Minute, "how long, such as 30m; it ends by itself then")
	flags.StringVar(&want.Reason, "reason", "", "why, for people who see it")
	flags.StringVar(&want.Name, "name", "", "name of the window; one is made up when left out")
	flags.StringVar(&want.Team, "team", "", "team the window belongs to")
	flags.StringSliceVar(&want.Items, "item", nil, "id of an item; may be given several times")
	flags.StringVar(&want.Selector, "selector", "", "which items: class=host and name~web")
	flags.BoolVar(&want.Below, "below", false, "also everything that these items need")
	flags.BoolVar(&want.All, "all", false, "everything")
	flags.StringVar(&key, "key", "", "a call repeated with the same key begins nothing anew")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		minutes, err := wholeMinutes(length)
		if err != nil {
			return err
		}
		want.Minutes = minutes
		if want.Reason == "" {
			return core.Invalid("--reason", "must be given: people will see it")
		}
		body, err := json.Marshal(want)
		if err != nil {
			return err
		}
		c.key = key
		return showMaintenance(cmd, c, format, "/api/v1/maintenance/start", body, true)
	}
	return cmd
}

func wholeMinutes(d time.Duration) (int, error) {
	if d < time.Minute {
		return 0, core.Invalid("--for", "must be at least 1m")
	}
	return int((d + time.Minute - 1) / time.Minute), nil
}

func maintenanceMove(verb, short string) *cobra.Command {
	cmd := &cobra.Command{Use: verb + " ID", Short: short, Args: cobra.ExactArgs(1)}
	c, format := clientFlags(cmd), outputFlag(cmd)
	length := time.Duration(0)
	if verb == "extend" {
		cmd.Flags().DurationVar(&length, "for", 15*time.Minute, "how much later")
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		body := []byte("{}")
		if verb == "extend" {
			minutes, err := wholeMinutes(length)
			if err != nil {
				return err
			}
			if body, err = json.Marshal(map[string]int{"minutes": minutes}); err != nil {
				return err
			}
		}
		return showMaintenance(cmd, c, format, "/api/v1/maintenance/"+url.PathEscape(args[0])+"/"+verb, body, false)
	}
	return cmd
}

// maintenanceOccurrences lists when maintenance is.
func maintenanceOccurrences() *cobra.Command {
	cmd := &cobra.Command{Use: "occurrences", Short: "List when maintenance is in the next days, with what is cancelled", Args: cobra.NoArgs}
	c, format := clientFlags(cmd), outputFlag(cmd)
	days := cmd.Flags().Int("days", 31, "how many days ahead, at most 400")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		now := time.Now().UTC()
		query := url.Values{"from": {now.Format(time.RFC3339)}, "to": {now.AddDate(0, 0, *days).Format(time.RFC3339)}, "cancelled": {"true"}}
		var list struct {
			Items []struct {
				Window     string    `json:"window"`
				Name       string    `json:"name"`
				Start      time.Time `json:"start"`
				End        time.Time `json:"end"`
				Occurrence time.Time `json:"occurrence"`
				Recurring  bool      `json:"recurring"`
				Changed    bool      `json:"changed,omitempty"`
				Cancelled  bool      `json:"cancelled,omitempty"`
			} `json:"items"`
		}
		if err := c.call(cmd.Context(), http.MethodGet, "/api/v1/maintenance/occurrences?"+query.Encode(), "", nil, &list); err != nil {
			return err
		}
		var rows [][]string
		for _, o := range list.Items {
			note := ""
			switch {
			case o.Cancelled:
				note = "cancelled"
			case o.Changed:
				note = "changed"
			}
			rows = append(rows, []string{o.Name, o.Start.Format(time.RFC3339), o.End.Format(time.RFC3339), o.Occurrence.Format(time.RFC3339), note})
		}
		return format.write(cmd.OutOrStdout(), list.Items, []string{"NAME", "START", "END", "OCCURRENCE", ""}, rows)
	}
	return cmd
}

// maintenanceChange changes one occurrence of a recurring window.
func maintenanceChange(change, short string) *cobra.Command {
	cmd := &cobra.Command{Use: change + " ID OCCURRENCE", Short: short, Args: cobra.ExactArgs(2),
		Example: "  mainstay maintenance " + change + " shop-monthly 2026-12-05T20:00:00Z"}
	c, format := clientFlags(cmd), outputFlag(cmd)
	start, end := "", ""
	if change == "move" {
		cmd.Example += " --start 2026-12-06T20:00:00Z"
		cmd.Flags().StringVar(&start, "start", "", "when it starts instead")
		cmd.Flags().StringVar(&end, "end", "", "when it ends instead; as long as the others when left out")
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		want := map[string]string{"change": change, "occurrence": args[1]}
		for name, v := range map[string]string{"start": start, "end": end} {
			if v != "" {
				want[name] = v
			}
		}
		body, err := json.Marshal(want)
		if err != nil {
			return err
		}
		return showMaintenance(cmd, c, format, "/api/v1/maintenance/"+url.PathEscape(args[0])+"/occurrences", body, false)
	}
	return cmd
}

// showMaintenance prints the window; alone its id, for scripts, when it is new
// and no format is asked for.
func showMaintenance(cmd *cobra.Command, c *client, format *output, path string, body []byte, alone bool) error {
	var w maintenanceView
	if err := c.call(cmd.Context(), http.MethodPost, path, "application/json", body, &w); err != nil {
		return err
	}
	if alone && !cmd.Flags().Changed("output") {
		cmd.OutOrStdout().Write([]byte(w.ID + "\n"))
		return nil
	}
	until := ""
	if w.Active && w.NextEnd != nil {
		until = w.NextEnd.Format(time.RFC3339)
	}
	return format.write(cmd.OutOrStdout(), w, []string{"ID", "NAME", "UNTIL", "REASON"}, [][]string{{w.ID, w.Name, until, w.Spec.Reason}})
}
