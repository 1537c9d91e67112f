import { fileURLToPath } from 'node:url';
import type { Picture } from './Picture.ts';

const width = 720;
const barHeight = 44;
const margin = 20;
/** Room for the longest value, from the end of the longest bar. */
const valueWidth = 200;
const fontFamily = 'DejaVu Sans';
const font = 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf';

/** Latin, Greek and Cyrillic; anything else in a token's symbol would be an empty box. */
const drawable = /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}\p{P}\p{Sc} ]/gu;

/** The picture as PNG, drawn at twice its size for sharp screens. The font ships with the project: bare machines have none. */
export async function draw({ alt, bars }: Picture): Promise<Buffer> {
  // Loaded when the first picture is drawn: most bots never draw one, and the two libraries take 40 MB.
  const [{ render }, { Resvg }] = await Promise.all([
    import('../../../contracts/client/support/Chart.ts'),
    import('@resvg/resvg-js'),
  ]);
  const labels = bars.map(({ value }) => {
    const text = value.replace(drawable, '·');
    return text.length > 18 ? `${text.slice(0, 17)}…` : text;
  });
  const svg = render(
    {
      backgroundColor: '#ffffff',
      grid: { left: 56, right: valueWidth, top: margin, bottom: margin },
      xAxis: { type: 'value', show: false, min: 0, max: 1 },
      yAxis: {
        type: 'category',
        inverse: true,
        data: bars.map(({ number }) => String(number)),
        axisTick: { show: false },
        axisLine: { show: false },
        axisLabel: { fontFamily, fontSize: 20, color: '#30304a' },
      },
      series: [
        {
          type: 'bar',
          data: bars.map(({ share }) => share),
          barMaxWidth: 30,
          itemStyle: { color: '#5b5bd6', borderRadius: 5 },
          label: {
            show: true,
            position: 'right',
            fontFamily,
            fontSize: 18,
            color: '#1c1c2e',
            formatter: ({ dataIndex }) => labels[dataIndex] ?? '',
          },
        },
      ],
    },
    { width, height: bars.length * barHeight + 2 * margin, label: alt },
  );
  const picture = new Resvg(svg, {
    font: {
      fontFiles: [fileURLToPath(import.meta.resolve(font))],
      loadSystemFonts: false,
      defaultFontFamily: fontFamily,
    },
    fitTo: { mode: 'zoom', value: 2 },
  });
  return picture.render().asPng();
}
