import type { Panel, Query, Row } from '../observe/panel.ts';
import { rows } from '../observe/panels.ts';
import { type Generated, generatedMark, jsonText } from './generated-file.ts';

const path = 'infra/observe/grafana/dashboards/crossdesk.json';
const datasource = { type: 'prometheus', uid: '${datasource}' };
/** Grafana's dashboard has 24 columns. */
const columns = 24;
const sizes = { stat: { w: 3, h: 4 }, curve: { w: 8, h: 8 } } as const;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

function targetOf({ expression, legend }: Query, at: number) {
  return {
    refId: String.fromCharCode(65 + at),
    datasource,
    expr: expression,
    legendFormat: legend,
    editorMode: 'code',
  };
}

function stepsOf({ thresholds }: Panel) {
  const calm = { color: 'green', value: null };
  if (thresholds === undefined) return [calm];
  const [warn, alarm] = thresholds;
  return [calm, ...(warn === alarm ? [] : [{ color: 'yellow', value: warn }]), { color: 'red', value: alarm }];
}

function panelOf(panel: Panel, id: number, gridPos: Place) {
  return {
    id,
    gridPos,
    datasource,
    title: panel.title,
    description: panel.description,
    type: panel.kind === 'stat' ? 'stat' : 'timeseries',
    targets: panel.queries.map(targetOf),
    fieldConfig: {
      defaults: {
        unit: panel.unit,
        min: 0,
        thresholds: { mode: 'absolute', steps: stepsOf(panel) },
        ...(panel.kind === 'stat' ? {} : { custom: { fillOpacity: 8, showPoints: 'never', spanNulls: false } }),
      },
      overrides: [],
    },
    options:
      panel.kind === 'stat'
        ? { reduceOptions: { calcs: ['lastNotNull'] }, graphMode: 'area', colorMode: 'value' }
        : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}

/** Places the panels of a row from left to right; returns them with the first free line below. */
function layOut({ title, panels }: Row, firstId: number, top: number) {
  const head = {
    id: firstId,
    type: 'row',
    title,
    collapsed: false,
    gridPos: { x: 0, y: top, w: columns, h: 1 },
    panels: [],
  };
  let [x, y, height] = [0, top + 1, 0];
  const placed = panels.map((panel, at) => {
    const { w, h } = sizes[panel.kind];
    if (x + w > columns) [x, y, height] = [0, y + height, 0];
    const gridPos = { x, y, w, h };
    x += w;
    height = Math.max(height, h);
    return panelOf(panel, firstId + at + 1, gridPos);
  });
  return { panels: [head, ...placed], bottom: y + height };
}

/** The Grafana dashboard, made from the description in `observe/panels.ts`. */
export function generateDashboard(): Generated {
  let [id, top] = [1, 0];
  const panels = rows.flatMap((row) => {
    const { panels: placed, bottom } = layOut(row, id, top);
    [id, top] = [id + placed.length, bottom];
    return placed;
  });
  const dashboard = {
    description: `Is anything slow, stuck or lost? ${generatedMark}`,
    uid: 'crossdesk',
    title: 'Crossdesk',
    tags: ['crossdesk'],
    schemaVersion: 41,
    version: 1,
    editable: false,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: { list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' }] },
    annotations: { list: [] },
    panels,
  };
  return { files: [{ path, text: jsonText(dashboard) }], refusals: [], notes: [] };
}
