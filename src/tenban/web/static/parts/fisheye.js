// The geometry of fisheye pictures, as tenban/vision/fisheye.py has it: a shader that turns them, and the way
// from a point that was clicked back to where it lies. Pure; angles in degrees outside, in radians inside.
const LENSES = ["equidistant", "equisolid", "stereographic", "orthographic", "polynomial"];
const RAD = Math.PI / 180;

export const LEAST_ZOOM = 0.25;
export const MOST_ZOOM = 8;

export const VERTEX = `
attribute vec2 corner;
varying vec2 place;
void main() { place = vec2(corner.x * 0.5 + 0.5, 0.5 - corner.y * 0.5); gl_Position = vec4(corner, 0.0, 1.0); }`;

export const FRAGMENT = `
precision highp float;
varying vec2 place;
uniform sampler2D picture;
uniform int wide;          // 0: flat view, 1: panorama, 2: the picture as it is
uniform vec2 shape;        // height / width of the picture, of the view
uniform vec3 circle;
uniform int lens;
uniform vec4 ks;
uniform float most;
uniform float reach;
uniform vec2 turned;
uniform vec3 right, down, ahead;
uniform vec3 north, east, up;
uniform vec4 span;         // pan of the left edge, pan across, tilt of the upper edge, tilt down to the lower
float radius(float t) {
  if (lens == 0) return t;
  if (lens == 1) return 2.0 * sin(t * 0.5);
  if (lens == 2) return 2.0 * tan(t * 0.5);
  if (lens == 3) return sin(t);
  float s = t * t;
  return t * (1.0 + s * (ks.x + s * (ks.y + s * (ks.z + s * ks.w))));
}
void main() {
  vec2 at = place;
  if (wide < 2) {
    vec3 ray;
    if (wide == 1) {
      float pan = span.x + place.x * span.y, tilt = span.z + place.y * span.w;
      ray = cos(tilt) * (cos(pan) * north + sin(pan) * east) + sin(tilt) * up;
    } else {
      ray = ahead + right * (place.x * 2.0 - 1.0) + down * (place.y * 2.0 - 1.0) * shape.y;
    }
    float off = length(ray.xy);
    float t = atan(off, ray.z);
    if (t > most) { gl_FragColor = vec4(0.0, 0.0, 0.0, 1.0); return; }
    vec2 way = off > 0.0 ? ray.xy / off : vec2(0.0);
    way = vec2(way.x * turned.x + way.y * turned.y, way.y * turned.x - way.x * turned.y);
    at = circle.xy + way * circle.z * radius(t) / reach * vec2(1.0, 1.0 / shape.x);
  }
  if (at.x < 0.0 || at.x > 1.0 || at.y < 0.0 || at.y > 1.0) gl_FragColor = vec4(0.0, 0.0, 0.0, 1.0);
  else gl_FragColor = vec4(texture2D(picture, at).rgb, 1.0);
}`;

/** What the shader has to know of a lens ({mount, lens, circle, fov, turned, coefficients}). */
export function lensUniforms(lens) {
  const most = (lens.fov * RAD) / 2;
  return {
    lens: LENSES.indexOf(lens.lens),
    ks: [0, 1, 2, 3].map((n) => lens.coefficients[n] ?? 0),
    most,
    reach: radiusOf(lens, most),
    circle: lens.circle,
    turned: [Math.cos(lens.turned * RAD), Math.sin(lens.turned * RAD)],
    ...compass(lens),
  };
}

/** Right, down and ahead of a flat view; `ahead` is as long as its zoom. */
export function turnUniforms(lens, { pan, tilt, zoom }) {
  const { north, east, up } = compass(lens);
  const level = add(scale(north, Math.cos(pan * RAD)), scale(east, Math.sin(pan * RAD)));
  const ahead = add(scale(level, Math.cos(tilt * RAD)), scale(up, Math.sin(tilt * RAD)));
  const right = cross(level, up);
  return { right, down: cross(ahead, right), ahead: scale(ahead, zoom) };
}

/** What a whole panorama shows: pan in its middle and across, tilt above and below. */
export function wholePanorama(lens) {
  const half = lens.fov / 2;
  if (lens.mount === "ceiling") return { pan: 0, across: 360, high: Math.min(half, 105) - 90, low: -70 };
  if (lens.mount === "desk") return { pan: 0, across: 360, high: 70, low: 90 - Math.min(half, 105) };
  return { pan: 0, across: Math.min(lens.fov, 200), high: 45, low: -45 };
}

export function spanUniform({ pan, across, high, low }) {
  return [(pan - across / 2) * RAD, across * RAD, high * RAD, (low - high) * RAD];
}

/** Four views that together show all around. */
export function quadTurns(lens) {
  if (lens.mount === "wall")
    return [
      [-55, -10],
      [0, -10],
      [55, -10],
      [0, -50],
    ].map(([pan, tilt]) => ({ pan, tilt, zoom: 1 }));
  const tilt = lens.mount === "ceiling" ? -40 : 25;
  return [-90, 0, 90, 180].map((pan) => ({ pan, tilt, zoom: 1 }));
}

/** Where a point of the whole picture (0–1) lies, as pan and tilt; null outside the circle. */
export function turnAt(lens, x, y, pictureShape) {
  const dx = x - lens.circle[0];
  const dy = (y - lens.circle[1]) * pictureShape;
  const [cos, sin] = [Math.cos(lens.turned * RAD), Math.sin(lens.turned * RAD)];
  const [ux, uy] = [dx * cos - dy * sin, dy * cos + dx * sin];
  const off = Math.hypot(ux, uy);
  if (off > lens.circle[2]) return null;
  const most = (lens.fov * RAD) / 2;
  const theta = angleOf(lens, (off / lens.circle[2]) * radiusOf(lens, most), most);
  const flat = off > 0 ? Math.sin(theta) / off : 0;
  return panTilt(lens, [ux * flat, uy * flat, Math.cos(theta)]);
}

/** A turn within what can be shown, its pan from -180 to 180. */
export function kept({ pan, tilt, zoom }) {
  return {
    pan: ((((pan + 180) % 360) + 360) % 360) - 180,
    tilt: Math.min(90, Math.max(-90, tilt)),
    zoom: Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom)),
  };
}

/** Degrees across a flat view. */
export function acrossOf(zoom) {
  return (2 * Math.atan(1 / zoom)) / RAD;
}

function panTilt(lens, ray) {
  const { north, east, up } = compass(lens);
  const tilt = Math.asin(Math.max(-1, Math.min(1, dot(ray, up)))) / RAD;
  return { pan: Math.atan2(dot(ray, east), dot(ray, north)) / RAD, tilt };
}

function compass({ mount }) {
  if (mount === "wall") return { north: [0, 0, 1], east: [1, 0, 0], up: [0, -1, 0] };
  if (mount === "ceiling") return { north: [0, -1, 0], east: [1, 0, 0], up: [0, 0, -1] };
  return { north: [0, -1, 0], east: [-1, 0, 0], up: [0, 0, 1] };
}

function radiusOf({ lens, coefficients }, t) {
  if (lens === "equidistant") return t;
  if (lens === "equisolid") return 2 * Math.sin(t / 2);
  if (lens === "stereographic") return 2 * Math.tan(t / 2);
  if (lens === "orthographic") return Math.sin(t);
  return coefficients.reduce((sum, k, n) => sum + k * t ** (2 * n + 3), t);
}

// Every lens grows up to its edge, so halving finds the angle.
function angleOf(lens, radius, most) {
  let [low, high] = [0, most];
  for (let n = 0; n < 40; n += 1) {
    const middle = (low + high) / 2;
    if (radiusOf(lens, middle) < radius) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const scale = (a, by) => [a[0] * by, a[1] * by, a[2] * by];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
