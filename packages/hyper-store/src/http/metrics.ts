/** The Prometheus text format of the store's numbers. */
import type { StoreApi } from '../core/store-api.ts'

/** Content type of the text format. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** The text of all metrics. */
export function metricsText(metrics: Awaited<ReturnType<StoreApi['metrics']>>): string {
  return metrics
    .map((metric) => {
      const lines = metric.values.map(({ labels, value }) => `${metric.name}${labelsText(labels)} ${numberText(value)}\n`)
      return `# HELP ${metric.name} ${escapeText(metric.help)}\n# TYPE ${metric.name} ${metric.type}\n${lines.join('')}`
    })
    .join('')
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeText(value).replaceAll('"', '\\"')}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}
