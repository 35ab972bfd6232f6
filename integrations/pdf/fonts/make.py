"""Makes the three fonts of this folder from Debian's packages fonts-dejavu-core, fonts-wqy-microhei and fonts-hanazono,
with Debian's python3-fonttools and unicode-data: /usr/bin/python3 make.py. Same packages, same bytes.

latin.ttf.gz  DejaVu Sans: Latin letters of names and figures, the middle dot, the yuan sign.
cjk.ttf.gz    WenQuanYi Micro Hei: every common Chinese character and Chinese punctuation.
rare.ttf.gz   Hanazono: what Micro Hei lacks of the table of standard characters (8105), of the identity card system's
              characters (Unihan source GIDC) and of extension A: characters of names.
"""
import bz2
import gzip
import io
from fontTools import merge, subset
from fontTools.ttLib import TTCollection, TTFont

FONTS = "/usr/share/fonts/truetype/"
UNIHAN = "/usr/share/unicode/Unihan_%s.txt.bz2"


def unihan(file, fits):
    chosen = set()
    for line in bz2.open(UNIHAN % file, "rt"):
        parts = line.rstrip().split("\t")
        if len(parts) == 3 and fits(parts[1], parts[2]):
            chosen.add(int(parts[0][2:], 16))
    return chosen


def cut(font, chars):
    o = subset.Options()
    o.hinting, o.layout_features, o.notdef_outline, o.recalc_timestamp = False, [], True, False
    o.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    o.drop_tables += ["GSUB", "GPOS", "GDEF", "FFTM", "vhea", "vmtx", "gasp", "VORG", "GlyphOrder", "kern", "prop"]
    s = subset.Subsetter(o)
    s.populate(unicodes=chars)
    s.subset(font)
    return font


def save(font, name):
    font["head"].indexToLocFormat = 1
    plain = io.BytesIO()
    font.save(plain, reorderTables=True)
    with open(name + ".ttf.gz", "wb") as out, gzip.GzipFile(filename="", mode="wb", fileobj=out, compresslevel=9, mtime=0) as z:
        z.write(plain.getvalue())


latin = TTFont(FONTS + "dejavu/DejaVuSans.ttf")
save(cut(latin, set(range(0x20, 0x7f)) | set(range(0xa0, 0x180)) | set(range(0x2010, 0x2023))), "latin")

hei = TTCollection(FONTS + "wqy/wqy-microhei.ttc").fonts[0]
common = set(c for c in hei.getBestCmap() if c < 0x7f or 0xa0 <= c <= 0xff or 0x2010 <= c <= 0x206f or 0x2460 <= c <= 0x2473 or
             0x3000 <= c <= 0x303f or 0x3400 <= c <= 0x9fff or 0xf900 <= c <= 0xfaff or 0xff00 <= c <= 0xffef)
save(cut(hei, common), "cjk")

wanted = unihan("OtherMappings", lambda k, v: k == "kTGH") | unihan("IRGSources", lambda k, v: k == "kIRG_GSource" and "GIDC" in v)
wanted = (wanted | set(range(0x3400, 0x4dc0)) | set(range(0x4e00, 0xa000))) - common
parts, have = [], set()
for part in ("HanaMinA", "HanaMinB"):
    font = TTFont(FONTS + "hanazono/" + part + ".ttf")
    chars = (wanted & set(font.getBestCmap())) - have
    have |= chars
    cut(font, chars).save("/tmp/" + part + ".ttf")
    parts.append("/tmp/" + part + ".ttf")
save(merge.Merger().merge(parts), "rare")
