// The city's districts, by the codes that outlets, postings and totals carry; what was merged away keeps its name.
const names: Record<string, string> = {
  410302: '老城区', 410303: '西工区', 410304: '瀍河回族区', 410305: '涧西区', 410307: '偃师区', 410308: '孟津区', 410311: '洛龙区', 410323: '新安县',
  410324: '栾川县', 410325: '嵩县', 410326: '汝阳县', 410327: '宜阳县', 410328: '洛宁县', 410329: '伊川县',
}
const before: Record<string, string> = { 410306: '吉利区(原)', 410322: '孟津县(原)', 410381: '偃师市(原)' }

export const districts = [{ value: '', label: '全市' }, ...Object.entries(names).map(([value, label]) => ({ value, label }))]
export const districtName = (code: string | undefined): string => (code ? (names[code] ?? before[code] ?? code) : '')
