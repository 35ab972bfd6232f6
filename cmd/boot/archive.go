package boot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"onecard/configs"
	"onecard/integrations/objects"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
)

// ArchiveUsage is what `onecard archive` says to whoever gets it wrong.
const ArchiveUsage = `usage:
  onecard archive export --to FOLDER [--ended-before 2006-01-02]
  onecard archive confirm --basis DOCUMENT --manifest FILE
export writes the pictures of ended applications and replacements that the bureau's archive does not have yet into an
empty folder, open, and last the list of them, manifest.csv, with the size and SHA-256 of each. Without manifest.csv the folder is not whole.
confirm takes the list that the archive gives back for what it holds, and compares it with what would be deleted: with
one difference nothing is noted. Pictures of what is confirmed are deleted objects.keep_after_end after the
application's end, of what is not, never.`

// What the archive command ends with where it did not do all.
var (
	ErrNotArchived = errors.New("nothing was noted: the list is not what would be deleted")
	ErrNotExported = errors.New("some applications or replacements could not be exported")
)

// Archivist is what the archive command asks of the card capability.
type Archivist interface {
	ExportForArchive(ctx context.Context, by models.Actor, endedBefore time.Time, put func(p card.ArchivedPicture, data []byte) error) (int, []string, error)
	ConfirmArchived(ctx context.Context, by models.Actor, t card.Transfer) (int, []card.ArchiveDifference, error)
}

// OpenArchive runs fn on the applications of the database that cfg names, without starting anything else.
func OpenArchive(ctx context.Context, cfg configs.Config, fn func(Archivist) error) (err error) {
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	pictures, err := objects.Open(cfg, a.db)
	if err != nil {
		return err
	}
	a.onClose(pictures.Close)
	return fn(card.New(card.Ports{Store: cardStore{Cards: a.db.Cards()}, Objects: pictures, Clock: a.clock, Log: a.log, Watch: a.watch}, card.DefaultSettings()))
}

// ArchiveCommand carries out `onecard archive` as the machine's operator.
func ArchiveCommand(ctx context.Context, keeper Archivist, args []string, out io.Writer) error {
	usage := fmt.Errorf("%w\n%s", ErrUsage, ArchiveUsage)
	if len(args) == 0 {
		return usage
	}
	flags := flag.NewFlagSet("archive", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	switch args[0] {
	case "export":
		to, before := flags.String("to", "", ""), flags.String("ended-before", "", "")
		if flags.Parse(args[1:]) != nil || flags.NArg() > 0 || *to == "" {
			return usage
		}
		var until time.Time
		if *before != "" {
			day, err := models.ParseDate(*before)
			if err != nil {
				return usage
			}
			until = day.Start()
		}
		return exportArchive(ctx, keeper, *to, until, out)
	case "confirm":
		basis, list := flags.String("basis", "", ""), flags.String("manifest", "", "")
		if flags.Parse(args[1:]) != nil || flags.NArg() > 0 || strings.TrimSpace(*basis) == "" || *list == "" {
			return usage
		}
		return confirmArchive(ctx, keeper, *basis, *list, out)
	}
	return usage
}

// manifestHead are the columns of a transfer list.
var manifestHead = []string{"of", "receipt", "picture", "purpose", "bytes", "sha256"}

const manifestName = "manifest.csv"

// exportArchive fills an empty folder. The list comes last and whole: a folder without it belongs to a run that died.
func exportArchive(ctx context.Context, keeper Archivist, to string, until time.Time, out io.Writer) (err error) {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	if there, err := os.ReadDir(to); err != nil || len(there) > 0 {
		return errors.Join(err, fmt.Errorf("%w: %s is not empty\n%s", ErrUsage, to, ArchiveUsage))
	}
	var list bytes.Buffer
	lines := csv.NewWriter(&list)
	_ = lines.Write(manifestHead)
	exported, unreadable, err := keeper.ExportForArchive(ctx, hotline.Operator(), until, func(p card.ArchivedPicture, data []byte) error {
		folder := filepath.Join(p.Of, p.Receipt) // the two are numbered apart
		if err := root.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		_ = lines.Write([]string{p.Of, p.Receipt, string(p.Picture), string(p.Purpose), strconv.FormatInt(p.Bytes, 10), p.Digest})
		return writeSynced(root, filepath.Join(folder, string(p.Purpose)+"-"+string(p.Picture)+".jpg"), data)
	})
	if err != nil {
		return err
	}
	lines.Flush()
	if err := writeSynced(root, manifestName+".part", list.Bytes()); err != nil {
		return err
	}
	if err := root.Rename(manifestName+".part", manifestName); err != nil {
		return err
	}
	for _, receipt := range unreadable {
		if _, err := fmt.Fprintf(out, "%s  a picture is not what was stored: not exported\n", receipt); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(out, "%d applications and replacements exported, %d not; %s sha256 %s\n", exported, len(unreadable), manifestName, digestOf(list.Bytes())); err != nil {
		return err
	}
	if len(unreadable) > 0 {
		return ErrNotExported
	}
	return nil
}

func writeSynced(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func confirmArchive(ctx context.Context, keeper Archivist, basis, list string, out io.Writer) error {
	raw, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	pictures, err := readManifest(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	noted, differ, err := keeper.ConfirmArchived(ctx, hotline.Operator(), card.Transfer{Basis: basis, Digest: digestOf(raw), Pictures: pictures})
	if err != nil {
		return err
	}
	for _, d := range differ {
		if _, err := fmt.Fprintln(out, strings.Join(strings.Fields(d.Of+" "+d.Receipt+" "+string(d.Picture)+" "+d.What), " ")); err != nil {
			return err
		}
	}
	if len(differ) > 0 {
		return ErrNotArchived
	}
	_, err = fmt.Fprintf(out, "%d noted as archived, %d pictures compared\n", noted, len(pictures))
	return err
}

// readManifest reads a transfer list. A line that is not whole makes the whole list no list.
func readManifest(raw []byte) ([]card.ArchivedPicture, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))) // spreadsheets put a mark before it
	r.FieldsPerRecord = len(manifestHead)
	lines, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) < 2 || !slices.Equal(lines[0], manifestHead) {
		return nil, fmt.Errorf("the first line must be %s, and lines must follow", strings.Join(manifestHead, ","))
	}
	out := make([]card.ArchivedPicture, 0, len(lines)-1)
	for i, l := range lines[1:] {
		size, err := strconv.ParseInt(l[4], 10, 64)
		if err != nil || l[0] == "" || l[1] == "" || l[2] == "" {
			return nil, fmt.Errorf("line %d is not one of a list", i+2)
		}
		out = append(out, card.ArchivedPicture{Of: l[0], Receipt: l[1], Picture: models.ID(l[2]), Purpose: card.UploadPurpose(l[3]), Bytes: size, Digest: strings.ToLower(l[5])})
	}
	return out, nil
}
