import type { Parameter } from '../operation.ts';
import { cursorParameter, limitParameter, pageOf } from '../paging.ts';
import { notFound } from '../problem.ts';
import { ref } from '../schema.ts';
import type { Route } from '../service.ts';
import { currencySchema, idParameter, idSchema, idsParameter } from '../wire.ts';
import type { Search, SearchOutcome, SearchSort } from './search.ts';
import type { CatalogStore } from './store.ts';

const sorts: readonly SearchSort[] = ['relevance', 'newest', 'price-asc', 'price-desc'];

function filterParameter(name: string, description: string, schema: Parameter['schema']): Parameter {
  return { name, in: 'query', description, schema };
}

const searchParameters: readonly Parameter[] = [
  filterParameter('q', 'Words; a word may be cut short.', { type: 'string', maxLength: 200, default: '' }),
  filterParameter('category', 'Any of these; a parent stands for all below it.', {
    type: 'array',
    items: idSchema,
    maxItems: 50,
  }),
  filterParameter('brand', 'Any of these.', { type: 'array', items: { type: 'string', maxLength: 80 }, maxItems: 50 }),
  filterParameter('minPrice', 'In minor units of `currency`.', { type: 'integer', minimum: 0 }),
  filterParameter('maxPrice', 'In minor units of `currency`.', { type: 'integer', minimum: 0 }),
  filterParameter('currency', 'Of the two prices and of the order by price.', { ...currencySchema, default: 'EUR' }),
  filterParameter('inStock', 'Only what can be bought now.', { type: 'boolean', default: false }),
  filterParameter('sort', 'The order.', { type: 'string', enum: sorts, default: 'relevance' }),
  limitParameter,
  cursorParameter,
];

/** What anyone may read. */
export function createReadRoutes(store: CatalogStore, search: (search: Search) => SearchOutcome): Route[] {
  return [
    {
      operation: {
        method: 'GET',
        path: '/products',
        operationId: 'getProducts',
        summary: 'Products with price, stock and pictures; ids that the shop does not have are left out.',
        access: 'public',
        parameters: [idsParameter],
        isConditional: true,
        answers: {
          200: { description: 'Those found, in the order asked.', schema: ref('Products') },
          413: { description: 'More than 100 ids (too-many-ids).' },
        },
      },
      handle: (request) => ({ status: 200, body: { items: store.products(request.query.list('ids')) } }),
    },
    {
      operation: {
        method: 'GET',
        path: '/products/{id}',
        operationId: 'getProduct',
        summary: 'One product.',
        access: 'public',
        parameters: [idParameter()],
        isConditional: true,
        answers: {
          200: { description: 'The product.', schema: ref('Product') },
          404: { description: 'No such product.' },
        },
      },
      handle(request) {
        const [product] = store.products([request.path['id'] ?? '']);
        if (!product) throw notFound('product');
        return { status: 200, body: product };
      },
    },
    {
      operation: {
        method: 'GET',
        path: '/search',
        operationId: 'searchProducts',
        summary: 'Ids of products that match, with counts over all matches.',
        access: 'public',
        parameters: searchParameters,
        answers: { 200: { description: 'A page.', schema: pageOf(ref('SearchHit'), { facets: ref('Facets') }) } },
      },
      handle({ query }) {
        const outcome = search({
          text: query.text('q') ?? '',
          categoryIds: query.list('category'),
          brands: query.list('brand'),
          minPrice: query.integer('minPrice'),
          maxPrice: query.integer('maxPrice'),
          currency: query.text('currency') ?? 'EUR',
          onlyInStock: query.flag('inStock') ?? false,
          sort: sorts.find((sort) => sort === query.text('sort')) ?? 'relevance',
          limit: query.integer('limit') ?? 20,
          cursor: query.text('cursor'),
        });
        return { status: 200, body: outcome };
      },
    },
    {
      operation: {
        method: 'GET',
        path: '/categories',
        operationId: 'getCategories',
        summary: 'All categories, in the order of the menu.',
        access: 'public',
        isConditional: true,
        answers: { 200: { description: 'All of them.', schema: ref('Categories') } },
      },
      handle: () => ({ status: 200, body: { items: store.categories() } }),
    },
    {
      operation: {
        method: 'GET',
        path: '/categories/{id}',
        operationId: 'getCategory',
        summary: 'One category.',
        access: 'public',
        parameters: [idParameter()],
        isConditional: true,
        answers: {
          200: { description: 'The category.', schema: ref('Category') },
          404: { description: 'No such category.' },
        },
      },
      handle(request) {
        const category = store.category(request.path['id'] ?? '');
        if (!category) throw notFound('category');
        return { status: 200, body: category };
      },
    },
  ];
}
