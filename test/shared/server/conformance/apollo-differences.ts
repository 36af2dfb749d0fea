import type { Differences } from './suite-globals.ts';

const http = 'integration tests > httpServerTests.ts';
const apollo = 'integration tests > apolloServerTests.ts';
const spec = 'integration tests > httpSpecTests.ts';

function because(reason: string, cases: readonly string[]): Differences {
  return Object.fromEntries(cases.map((name) => [name, reason]));
}

/** Cases of Apollo's suite in which the edge differs whatever its options, with the reason. Nothing here is a failure to answer. */
export const alwaysDifferent: Differences = {
  ...because('the suite has no release for the patch of Apollo Server that we run', [
    `${apollo} > lockstep versioning of @apollo/server and @apollo/server-integration-testsuite`,
  ]),
  ...because('a browser is shown our own query editor, which loads nothing from elsewhere, or nothing', [
    `${apollo} > renderLandingPage > defaults to LocalDefault`,
    `${apollo} > renderLandingPage > can specify version for LocalDefault`,
    `${apollo} > renderLandingPage > basic functionality > basic GET works`,
    `${apollo} > renderLandingPage > async \`html\` function > returns a string`,
    `${apollo} > renderLandingPage > async \`html\` function > throws`,
  ]),
  ...because('a body that is not declared as JSON is 415, not 400', [
    `${apollo} > CSRF prevention > default`,
    `${http} > graphqlHTTP > throws an error if POST body is empty`,
    `${http} > graphqlHTTP > throws an error if invalid content-type`,
  ]),
  ...because('OPTIONS is served, for CORS, so Allow names it', [
    `${http} > graphqlHTTP > rejects the request if the method is not POST or GET`,
  ]),
  ...because('batches are refused: one request would cost as much as a thousand', [
    `${http} > graphqlHTTP > can handle batch requests`,
    `${http} > graphqlHTTP > can handle batch requests with one element`,
    `${http} > graphqlHTTP > can handle batch requests in parallel`,
    `${http} > graphqlHTTP > clones batch context`,
    `${http} > graphqlHTTP > executes batch context if it is a function`,
    `${http} > graphqlHTTP > cache-control > applies cacheControl Headers for batched operation`,
    `${http} > Persisted Queries > returns with batched persisted queries`,
  ]),
  ...because('the same refusal in our own words', [
    `${http} > graphqlHTTP > throws an error if POST JSON is malformed`,
    `${http} > graphqlHTTP > does not accept multiple query search parameters`,
    `${http} > graphqlHTTP > POST does not handle a request with variables as string`,
    `${http} > graphqlHTTP > POST does not handle a request with extensions as string`,
    `${http} > graphqlHTTP > does not accept a query AST`,
    `${http} > graphqlHTTP > returns an error on batch requests with no elements`,
    `${http} > graphqlHTTP > disables batch requests by default`,
  ]),
  ...because('an answer that says nothing of caching is kept by nobody', [
    `${http} > graphqlHTTP > cache-control > runs when cache-control is disabled`,
    `${http} > graphqlHTTP > cache-control not set without any hints with if-cacheable`,
  ]),
};

/** Where every GET is let through, one that takes nothing but a page is 406. */
export const differentByOptions: Differences = because('an Accept that cannot be met is 406', [
  `${apollo} > renderLandingPage > can be disabled`,
]);

/** With our policies a GET needs a header that browsers ask for first: it is how another site would send it. */
export const differentByPolicy: Differences = because('a GET that no preflight protects is refused by the edge', [
  `${apollo} > renderLandingPage > basic functionality > basic GET works with more complex header`,
  `${apollo} > CSRF prevention > csrfPrevention: {requestHeaders}`,
  `${apollo} > CSRF prevention > csrfPrevention: false`,
  `${spec} > MAY accept application/x-www-form-urlencoded formatted GET requests`,
  `${spec} > MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json`,
  `${spec} > MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json`,
]);
