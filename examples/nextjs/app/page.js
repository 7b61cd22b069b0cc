// Rendered for each request, as an app that asks a database would.
export const dynamic = 'force-dynamic';

export default function Page() {
  return <p>hello</p>;
}
